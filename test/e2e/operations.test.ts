import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureSchedules } from '../../activities/rollout.js';
import { sentList, type ListInHand } from '../support/lists.js';
import { eventually, openUniversity, type University } from '../support/university.js';

const run = promisify(execFile);
const page = readFileSync(fileURLToPath(new URL('../../docs/operations.md', import.meta.url)), 'utf8');
const recipe = (name: string): string => {
  const found = new RegExp(`\`\`\`sh recipe=${name}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1];
  if (!found) throw new Error(`docs/operations.md has no recipe ${name}`);
  return found;
};

describe('the recipes of docs/operations.md', () => {
  let at: University;
  let list: ListInHand;
  beforeAll(async () => {
    at = await openUniversity();
    list = await sentList(at);
    await ensureSchedules(at.world.temporal);
  });
  afterAll(() => at.close());

  const cook = async (name: string) => {
    const folder = path.dirname(process.env['TEST_TEMPORAL_BINARY'] as string);
    const env = {
      ...process.env, PATH: `${folder}:${process.env['PATH']}`, TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'], TEMPORAL_NAMESPACE: at.config.TEMPORAL_NAMESPACE,
      CASE: `result-list/${list.number}`,
    };
    return (await run('/bin/sh', ['-c', recipe(name)], { env })).stdout;
  };

  it('shows what waits on whom', async () => {
    const shown = await eventually('visibility has caught up', async () => {
      const out = await cook('waiting');
      return out.includes(`result-list/${list.number}`) && out;
    });
    expect(shown).toContain('resultList');
  });

  it('shows what needs attention, and not what does not', async () => {
    expect(await cook('attention')).not.toContain(`result-list/${list.number}`);
  });

  it('describes one case without a name in it', async () => {
    const shown = await cook('describe');
    expect(shown).toContain(`result-list/${list.number}`);
    expect(shown).not.toMatch(/Lärare|Examinator|Öberg/);
  });

  it('exports a history', async () => {
    const { events } = JSON.parse(await cook('export')) as { events: { eventType: string }[] };
    expect(events[0]?.eventType).toContain('WORKFLOW_EXECUTION_STARTED');
  });

  it('triggers the sweep', async () => {
    await cook('sweep');
    await eventually('a sweep ran', async () => {
      for await (const one of at.world.temporal.workflow.list({ query: 'WorkflowType="sweep"' })) return one.workflowId;
      return undefined;
    });
  });
});
