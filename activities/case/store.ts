import type { Actor, CaseView, Refusal, Warning } from '../../workflows/process.js';
import type { Instant } from '../../workflows/rules/civil-time.js';
import type { Transaction } from '../../prisma/client.js';

/**
 * The tables of one process: what its rules are told, and what its decisions write. A process without tables of its own has none.
 */
export interface Store<Data = unknown, Facts = unknown, Write = unknown> {
  birthFacts(tx: Transaction, ask: { body: unknown; actor: Actor }): Promise<Facts>;
  facts(
    tx: Transaction,
    ask: { subject: CaseView<Data>; command: string; body: unknown; actor: Actor; at: Instant; today: string },
  ): Promise<Facts>;
  /** Whether something else than a promise needs a person now. */
  obstacle(tx: Transaction, subject: CaseView): Promise<boolean>;
  /** Commands that the case does not have for this person as it is, whatever its state: they are not offered. */
  without?(tx: Transaction, subject: CaseView<Data>, actor: Actor): Promise<readonly string[]>;
  /** What has to be seen about the case though it stops nothing. */
  warnings?(tx: Transaction, subject: CaseView<Data>): Promise<readonly Warning[]>;
  /** Whether somebody may open the case whose role does not open all of them: it concerns them by the process's own tables. */
  admits?(tx: Transaction, subject: CaseView<Data>, actor: Actor): Promise<boolean>;
  /** Why somebody may give the case no command at all, whatever their roles. */
  bars?(tx: Transaction, subject: CaseView<Data>, actor: Actor): Promise<Refusal | undefined>;
  /** What a person is shown of the case's data, where not all of it is for whoever may open it. */
  shown?(tx: Transaction, subject: CaseView<Data>, actor: Actor): Promise<Readonly<Record<string, unknown>>>;
  /** Keeps that somebody opened the case, where the process has to know it. */
  opened?(tx: Transaction, subject: CaseView<Data>, actor: Actor): Promise<void>;
  /** The cases that are open to somebody in that way, by id. */
  admittedTo?(tx: Transaction, actor: Actor): Promise<readonly string[]>;
  /** Of those the ones that wait for this very person while they wait for the role; all of them unless told. */
  awaiting?(tx: Transaction, actor: Actor): Promise<readonly string[]>;
  write(
    tx: Transaction,
    ask: { subject: CaseView<Data>; writes: readonly Write[]; actor: Actor; at: Instant; from: string | null },
  ): Promise<void>;
}
