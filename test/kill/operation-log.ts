import { appendFileSync } from 'node:fs';

/** What a command was about: a case of a kind that is being born, a list or complaint by its number, or a code that was typed. */
export type About = { readonly list: string } | { readonly code: string } | { readonly birth: 'result-list' | 'complaint' };

/** What is killed. */
export type Part = 'worker' | 'api' | 'database' | 'temporal';

/**
 * One line of the log of operations, in the manner of Jepsen: only what a client could see. `ok` is a 2xx, `fail` a refusal, `info` an
 * answer that leaves open what happened; `again` is a finished command asked once more with its own key. `at` is ms since 1970.
 */
export type Line = { readonly at: number } & (
  | { readonly event: 'invoke'; readonly op: number; readonly caller: string; readonly about: About; readonly command: string; readonly idempotencyKey: string }
  | { readonly event: 'ok'; readonly op: number; readonly status: number; readonly answer: any }
  | { readonly event: 'fail'; readonly op: number; readonly status: number; readonly code: string }
  | { readonly event: 'info'; readonly op: number; readonly why: string }
  | { readonly event: 'gave-up'; readonly op: number }
  | { readonly event: 'again'; readonly op: number; readonly status: number; readonly same: boolean }
  | { readonly event: 'kill'; readonly part: Part; readonly pid: number }
  | { readonly event: 'restart' | 'back' | 'ended-by-itself'; readonly part: Part }
);

type Untimed<L> = L extends unknown ? Omit<L, 'at'> : never;

export interface OperationLog {
  readonly lines: readonly Line[];
  note(line: Untimed<Line>): void;
}

/** The driver's own append-only file, outside what is tested. */
export function operationLog(file: string): OperationLog {
  const lines: Line[] = [];
  return {
    lines,
    note: (line) => {
      const whole = { at: Date.now(), ...line } as Line;
      lines.push(whole);
      appendFileSync(file, `${JSON.stringify(whole)}\n`);
    },
  };
}
