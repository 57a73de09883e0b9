import { appendFileSync } from 'node:fs';

/**
 * What a command was about: a case of a kind that is being born, a case by its number, a code that was typed, or a thing that is
 * no case, as the command's key names it.
 */
export type About =
  | { readonly list: string }
  | { readonly code: string }
  | { readonly thing: string }
  | { readonly birth: 'result-list' | 'complaint' | 'approval' | 'exchange' };

/** What is killed. */
export type Part = 'worker' | 'api' | 'database' | 'temporal';

/**
 * One line of the log of operations, in the manner of Jepsen: only what a client could see. `ok` is a 2xx, `fail` a refusal,
 * `info` an answer that leaves open what happened; `again` is a finished command asked once more with its own key; `source` is a
 * result that was changed at a simulated institution, `institution` one that does not answer from then on, or answers again. `at`
 * is ms since 1970.
 */
export type Line = { readonly at: number } & (
  | {
      readonly event: 'invoke';
      readonly op: number;
      readonly caller: string;
      readonly about: About;
      readonly command: string;
      readonly idempotencyKey: string;
    }
  | { readonly event: 'ok'; readonly op: number; readonly status: number; readonly answer: any }
  | { readonly event: 'fail'; readonly op: number; readonly status: number; readonly code: string }
  | { readonly event: 'info'; readonly op: number; readonly why: string }
  | { readonly event: 'gave-up'; readonly op: number }
  | { readonly event: 'again'; readonly op: number; readonly status: number; readonly same: boolean }
  | { readonly event: 'source'; readonly partner: string; readonly person: string; readonly key: string; readonly grade: string }
  | { readonly event: 'institution'; readonly partner: string; readonly is: 'down' | 'up' }
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
