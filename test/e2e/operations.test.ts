import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { serve } from '@hono/node-server';
import { ensureSchedules } from '../../activities/rollout.js';
import { student } from '../simulators/sample.js';
import { delivered, sentList, type ListInHand } from '../support/lists.js';
import { addDays } from '../../workflows/rules/civil-time.js';
import { registered, setting } from '../support/students.js';
import { inState, registeredList } from '../support/register.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

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
    await ensureSchedules(at.world.temporal, at.config.INSTITUTION_ZONE);
  });
  afterAll(() => at.close());

  const cook = async (name: string, more: Record<string, string> = {}) => {
    const folder = path.dirname(process.env['TEST_TEMPORAL_BINARY'] as string);
    const env = {
      ...process.env,
      PATH: `${folder}:${process.env['PATH']}`,
      TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'],
      TEMPORAL_NAMESPACE: at.config.TEMPORAL_NAMESPACE,
      CASE: `result-list/${list.number}`,
      ...more,
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
    const troubled = await sentList(at);
    await at.world.db.case.update({ where: { number: BigInt(troubled.number) }, data: { needsAttention: true } });
    await at.world.temporal.workflow.getHandle(`result-list/${troubled.number}`).signal('mended');
    const shown = await eventually('visibility has caught up', async () => {
      const out = await cook('attention');
      return out.includes(`result-list/${troubled.number}`) && out;
    });
    expect(shown).not.toContain(`result-list/${list.number}`);
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

  it.each([
    ['sweep', 'sweep'],
    ['refresh-staff', 'refreshStaff'],
    ['tell-subscribers', 'tellSubscribers'],
  ])('triggers %s', async (name, workflow) => {
    await cook(name);
    await eventually('it ran to its end', async () => {
      for await (const one of at.world.temporal.workflow.list({
        query: `WorkflowType="${workflow}" AND ExecutionStatus="Completed"`,
      }))
        return one.workflowId;
      return undefined;
    });
  });

  describe('that ask the API', () => {
    let served: ReturnType<typeof serve>;
    let asOlle: Record<string, string>;
    beforeAll(async () => {
      await delivered(list);
      const port = await new Promise<number>((ready) => {
        served = serve({ fetch: at.app.fetch, port: 0, hostname: '127.0.0.1' }, (info) => ready(info.port));
      });
      asOlle = {
        API: `http://127.0.0.1:${port}`,
        TOKEN: await at.simulators.identityProvider.makeToken({ sub: personOf('olle').id }),
      };
    });
    afterAll(() => void served.close());
    const letter = async () => {
      const { id: caseId } = await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } });
      return (await at.world.db.outbox.findFirstOrThrow({ where: { caseId, channel: 'mail' } })).id;
    };
    const stands = async (id: string) => (await at.world.db.outbox.findUniqueOrThrow({ where: { id } })).state;

    it('tell which letters are in trouble, send one again, and settle one', async () => {
      const id = await letter();
      const lose = () =>
        at.world.db.$executeRaw`UPDATE outbox SET state = 'uncertain', problem = 'unknown-outcome' WHERE id = ${id}::uuid`;
      await lose();
      expect(JSON.parse(await cook('troubled', asOlle)).items).toMatchObject([
        { id, letter: 'sent-to-examiner', state: 'uncertain' },
      ]);
      expect(JSON.parse(await cook('send-again', { ...asOlle, DELIVERY: id }))).toMatchObject({ id, state: 'pending' });
      await eventually('it went', async () => (await stands(id)) === 'done');
      await lose();
      expect(JSON.parse(await cook('settled', { ...asOlle, DELIVERY: id }))).toMatchObject({ id, state: 'done' });
      expect(await stands(id)).toBe('done');
    });

    it('switch administration mode on, set a setting, and tell everybody something', async () => {
      expect(JSON.parse(await cook('administration-mode', asOlle))).toEqual({ on: true });
      expect(JSON.parse(await cook('setting', asOlle))).toEqual({ name: 'code-length', from: '2027-01-01' });
      expect(JSON.parse(await cook('notice', asOlle))).toMatchObject({ id: expect.any(String), to: null });
    });

    it('show why a row differs, transfer it again, and let the list go on as Ladok has it', async () => {
      const signed = await registeredList(at);
      const asKarin = {
        ...asOlle,
        TOKEN: await at.simulators.identityProvider.makeToken({ sub: personOf('karin').id }),
        CASE: `result-list/${signed.number}`,
      };
      const { id: caseId } = await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(signed.number) } });
      await at.world.db
        .$executeRaw`UPDATE row_transfers SET state = 'refused', reason = 'not-on-occasion' WHERE case_id = ${caseId}::uuid AND student_uid = ${student(0).uid}::uuid`;
      expect(
        JSON.parse(await cook('rows', asKarin)).items.find((row: any) => row.student === student(0).uid).transfer,
      ).toMatchObject({ state: 'refused', reason: 'not-on-occasion' });
      expect(JSON.parse(await cook('transfer-again', asKarin))).toMatchObject({ case: { state: 'registering' } });
      await inState(signed, 'registered');
      await at.world.db.$executeRaw`UPDATE row_transfers SET state = 'attested' WHERE case_id = ${caseId}::uuid`;
      await at.world.db
        .$executeRaw`UPDATE row_transfers SET state = 'differs', reason = 'attested-with-other-content' WHERE case_id = ${caseId}::uuid AND student_uid = ${student(0).uid}::uuid`;
      expect(JSON.parse(await cook('confirm-arrival', asKarin))).toMatchObject({ case: { state: 'arrived' } });
      await inState(signed, 'informed');
      await at.world.db
        .$executeRaw`UPDATE row_transfers SET state = 'differs', reason = 'annulled-later' WHERE case_id = ${caseId}::uuid AND student_uid = ${student(1).uid}::uuid`;
      expect(JSON.parse(await cook('note-annulment', asKarin))).toMatchObject({ case: { state: 'informed' } });
    });

    it('RX-25 open the exchange, show who is down, ask for longer, and list what was rejected', async () => {
      expect((await cook('exchange-open', asOlle)).match(/"name":"exchange-(module|consent)"/g)).toHaveLength(2);
      await setting(at, 'exchange-test-numbers', true);
      const person = await registered(at, 'test1');
      await at.as('test1').post('/consents', { answer: 'J' });
      const [down, forging] = [at.simulators.institutions.of('214'), at.simulators.institutions.of('216')];
      down.behave({ down: { how: '503' } });
      forging.behave({ document: 'tampered' });
      const approval = (await at.as('stina').post('/approvals', { person })).body.case.number as string;
      const { number } = (await at.as('stina').post('/exchanges', { approval })).body.case;
      const order = await eventually('it waits', async () => {
        const { body } = await at.as('stina').get(`/exchanges/${number}`);
        return body.state === 'waiting' && body;
      });
      const about = { ...asOlle, CASE: `exchange/${number}` };
      expect(
        JSON.parse(await cook('exchange-institutions', about)).items.filter((one: any) => one.outcome === 'down'),
      ).toMatchObject([{ institution: { number: '214' }, details: { hint: 'status', status: 503 } }]);
      expect(JSON.parse(await cook('exchange-quarantine', about)).items).toMatchObject([
        { institution: { number: '216' }, reason: 'rejected-signature' },
      ]);
      const until = addDays(order.data.retry.until, 5);
      const asStina = {
        ...about,
        UNTIL: until,
        TOKEN: await at.simulators.identityProvider.makeToken({ sub: personOf('stina').id }),
      };
      expect(JSON.parse(await cook('exchange-extend', asStina))).toMatchObject({
        case: { state: 'waiting', due: { on: until } },
      });
    });

    it('open the SMS way of somebody', async () => {
      await at.world.db.signingFailure.create({ data: { personId: personOf('eva').id, inARow: 10, lockedAt: new Date() } });
      expect(JSON.parse(await cook('unlock', { ...asOlle, PERSON: personOf('eva').id }))).toEqual({
        person: personOf('eva').id,
        locked: false,
      });
    });
  });
});
