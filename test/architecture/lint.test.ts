import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '../spec.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = createRequire(import.meta.url).resolve('oxlint/package.json');
const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { oxlint: string } };

interface Run {
  readonly code: number;
  readonly diagnostics: readonly { code: string; severity: string; filename: string }[];
}

const lint = (...words: string[]): Promise<Run> =>
  new Promise((resolve, reject) => {
    const line = [join(dirname(manifest), bin.oxlint), '--format', 'json', ...words];
    execFile(process.execPath, line, { cwd: root }, (failure, stdout, stderr) => {
      try {
        resolve({ code: typeof failure?.code === 'number' ? failure.code : 0, diagnostics: JSON.parse(stdout).diagnostics });
      } catch {
        reject(new Error(`oxlint gave no answer: ${stdout}${stderr}`));
      }
    });
  });

describe('the lint', () => {
  it('finds an async validator, whose promise Temporal would drop', async () => {
    const { code, diagnostics } = await lint('test/architecture/fixtures/async-validator.ts');
    expect(code).toBe(1);
    expect(diagnostics.map((one) => [one.code, one.severity])).toEqual([['typescript(no-misused-promises)', 'error']]);
  });

  it('finds a promise that nobody waits for', async () => {
    const { code, diagnostics } = await lint('test/architecture/fixtures/floating-promise.ts');
    expect(code).toBe(1);
    expect(diagnostics.map((one) => one.code)).toEqual(['typescript(no-floating-promises)']);
  });

  it('finds imports that turn in a circle', async () => {
    const { diagnostics } = await lint('test/architecture/fixtures/circle');
    expect(diagnostics.map((one) => one.code)).toContain('import(no-cycle)');
  });

  it('finds a comment that switches nothing off', async () => {
    const { code, diagnostics } = await lint('test/architecture/fixtures/idle-comment.ts');
    expect(code).toBe(1);
    expect(diagnostics).toHaveLength(1);
  });

  it('is run over everything but the planted files', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    expect(scripts['lint']).toBe(`oxlint --ignore-pattern 'test/architecture/fixtures/**' && npm run format -- --check`);
  });
});
