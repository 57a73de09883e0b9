import {
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  WorkflowUpdateStage,
  type WorkflowHandle,
} from '@temporalio/client';
import { mendedSignal, promisedSignal, type Envelope } from '../workflows/case-workflow.js';
import { refuse, startOf, type CaseView, type Refusal } from '../workflows/process.js';
import { append } from '../activities/audit.js';
import { readCase, type Found } from '../activities/case/case-row.js';
import { takeIn, type Outcome } from '../activities/case/command-row.js';
import { keptOut } from '../activities/case/opening.js';
import type { Known } from '../activities/case/people.js';
import type { Process } from '../activities/case/registered-process.js';
import { commandKey, hashOf, seal } from '../activities/case/seal.js';
import { startOnce, startPromised, type World } from '../activities/index.js';

const IN_FLIGHT_A_CASE = 8;
const AT_ONCE_MS = 2_000;
const ACCEPT_MS = 6_000;
const ANSWER_MS = 20_000;

/** A key that came with another content: nothing was decided, so nothing is in the audit yet. */
const usedOtherwise = (outcome: Outcome): outcome is Outcome & { status: 'refused' } =>
  outcome.status === 'refused' && outcome.refusal.code === 'key-used-otherwise';

/** How a command ended, for the route to put into HTTP. */
export type Given =
  | { readonly is: 'answer'; readonly outcome: Outcome }
  | { readonly is: 'accepted'; readonly key: string }
  | { readonly is: 'busy' }
  | { readonly is: 'not-now' };

/** A command as a route hands it on, parsed. */
export interface CommandAsk {
  readonly process: Process;
  readonly command: string;
  readonly number: string;
  readonly body: unknown;
  readonly idempotencyKey: string;
  readonly known: Known;
  readonly requestId: string;
  /** The caller's network address, which BankID wants to know. */
  readonly from: string | null;
}

/**
 * The command path of the API: most refusals end here, in the audit; an edit is one transaction; a step goes through the
 * workflow. Once the process is `closing` nobody waits for an answer any more: what was accepted is told as such, with the place to
 * look for what becomes of it.
 */
export function createCommandPath(world: World, closing?: AbortSignal) {
  const { db, commits, config, temporal } = world;
  const answer = (outcome: Outcome): Given => ({ is: 'answer', outcome });
  const no = (refusal: Refusal): Given => answer({ status: 'refused', refusal });

  /** A no that concerns no decided command, traced all the same. */
  async function traced(
    refusal: Refusal,
    ask: Pick<CommandAsk, 'known' | 'requestId'> & { action: string; caseId: string | null },
  ): Promise<Given> {
    await append(db, {
      institution: ask.known.actor.institution,
      caseId: ask.caseId,
      actor: ask.known.actor.id,
      action: ask.action,
      outcome: 'refused',
      rule: refusal.rule,
      code: refusal.code,
      requestId: ask.requestId,
      at: new Date().toISOString(),
      ...(refusal.details ? { details: refusal.details } : {}),
    });
    return no(refusal);
  }

  async function give(ask: CommandAsk): Promise<Given> {
    const { process, command, body, known } = ask;
    const { kind } = process.definition;
    const found = await readCase(db, { kind, number: ask.number });
    if (!found || found.subject.institution !== known.actor.institution)
      return traced(refuse('missing', 'registrar', 'no-such-case'), { ...ask, action: `${kind}.${command}`, caseId: null });
    const { subject } = found;
    const caller = known.actor.id;
    if (await keptOut(db, { definition: process.definition, subject, actor: known.actor, on: known.today }))
      return traced(refuse('forbidden', process.definition.openRule, 'not-yours-to-open'), {
        ...ask,
        action: `${kind}.${command}`,
        caseId: subject.id,
      });
    const key = commandKey({ caller, about: subject.id, command, idempotencyKey: ask.idempotencyKey });
    const envelope = seal({ key, caseId: subject.id, command, bodyHash: hashOf(body), caller }, config.secrets.envelope);
    const at = new Date().toISOString();

    if (process.definition.commands[command]?.kind === 'edit') {
      const committed = await commits.decide({ envelope, at, requestId: ask.requestId, written: { body, from: ask.from } });
      const outcome = committed?.outcome as Outcome;
      // The workflow hears of no edit by itself, and waits for the moment that it knows. What is lost here the sweep makes up for.
      if (committed?.adopted && committed.adopted.wake !== (subject.wake ?? undefined))
        void temporal.workflow
          .getHandle(`${kind}/${subject.number}`)
          .signal(mendedSignal)
          .catch(() => undefined);
      if (committed?.promised.length)
        void temporal.workflow
          .getHandle(`${kind}/${subject.number}`)
          .signal(promisedSignal, committed.promised)
          .catch(() => undefined);
      return usedOtherwise(outcome)
        ? traced(outcome.refusal, { ...ask, action: `${kind}.${command}`, caseId: subject.id })
        : answer(outcome);
    }

    const [written, refusal] = await Promise.all([
      takeIn(db, {
        key,
        caseId: subject.id,
        name: command,
        caller,
        body,
        bodyHash: envelope.bodyHash,
        from: ask.from,
        most: IN_FLIGHT_A_CASE,
      }),
      foreseen({ ask, found, at }),
    ]);
    if (written === 'busy') return { is: 'busy' };
    if (written !== 'new' && written.bodyHash !== envelope.bodyHash)
      return traced(refuse('invalid', 'registrar', 'key-used-otherwise'), {
        ...ask,
        action: `${kind}.${command}`,
        caseId: subject.id,
      });
    if (written !== 'new' && written.outcome) return answer(written.outcome);

    const early = refusal && (await refused({ ask, envelope, at }));
    return early ?? throughTheWorkflow(ask, found, envelope);
  }

  /** What the command would meet on the case as Postgres has it. */
  const foreseen = ({ ask, found, at }: { ask: CommandAsk; found: Found; at: string }) =>
    commits.foresee({
      subject: found.subject,
      zone: found.zone,
      command: ask.command,
      body: ask.body,
      actor: ask.known.actor,
      at,
    });

  /**
   * Records a no that was foreseen, under the lock; undefined when it has become a yes meanwhile, which goes on to the workflow.
   */
  async function refused({ ask, envelope, at }: { ask: CommandAsk; envelope: Envelope; at: string }): Promise<Given | undefined> {
    const committed = await commits.decide({ envelope, at, only: 'refusals', requestId: ask.requestId });
    return committed && answer(committed.outcome as Outcome);
  }

  async function throughTheWorkflow(ask: CommandAsk, found: Found, envelope: Envelope): Promise<Given> {
    const { kind } = ask.process.definition;
    const handle = temporal.workflow.getHandle(`${kind}/${found.subject.number}`);
    const updateId = hashOf({ key: envelope.key, body: envelope.bodyHash });
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await update(handle, ask.command, envelope, updateId);
      } catch (cause) {
        if (cause instanceof WorkflowNotFoundError && attempt === 0) {
          const settled = await notRunning(ask, found, envelope);
          if (settled) return settled;
          continue;
        }
        if (isBusy(cause)) return { is: 'busy' };
        if (
          cause instanceof ServiceError ||
          cause instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
          cause instanceof WorkflowNotFoundError ||
          cause instanceof WorkflowUpdateFailedError
        )
          return { is: 'not-now' };
        throw cause;
      }
    }
  }

  /** The case closed meanwhile, and is refused by its rules; or its workflow is not there yet, and is started. */
  async function notRunning(ask: CommandAsk, found: Found, envelope: Envelope): Promise<Given | undefined> {
    const again = await readCase(db, { id: found.subject.id });
    const at = new Date().toISOString();
    const settled = again && (await foreseen({ ask, found: again, at })) && (await refused({ ask, envelope, at }));
    if (settled) return settled;
    await startCase(ask.process, found.subject);
    return undefined;
  }

  /**
   * Nearly every command has its answer at once, in one call. Of the others that call does not tell whether they were accepted
   * (202) or not (503), so they are given again under the same id, which gives the same Update.
   */
  async function update(handle: WorkflowHandle, command: string, envelope: Envelope, updateId: string): Promise<Given> {
    const sent: { args: [Envelope]; updateId: string } = { args: [envelope], updateId };
    const within = <T>(ms: number, call: () => Promise<T>): Promise<T> => temporal.connection.withDeadline(Date.now() + ms, call);
    try {
      return answer((await within(AT_ONCE_MS, () => handle.executeUpdate<unknown, [Envelope]>(command, sent))) as Outcome);
    } catch (cause) {
      if (!(cause instanceof WorkflowUpdateRPCTimeoutOrCancelledError)) throw cause;
    }
    const under = await within(ACCEPT_MS, () =>
      handle.startUpdate<unknown, [Envelope]>(command, { ...sent, waitForStage: WorkflowUpdateStage.ACCEPTED }),
    );
    try {
      return await untilClosing(
        within(ANSWER_MS, () => under.result()).then((outcome) => answer(outcome as Outcome)),
        { is: 'accepted', key: envelope.key },
      );
    } catch (cause) {
      if (cause instanceof WorkflowUpdateFailedError) throw cause;
      return { is: 'accepted', key: envelope.key };
    }
  }

  /** What is waited for, or `meanwhile` as soon as the process is closing. */
  async function untilClosing<T>(work: Promise<T>, meanwhile: T): Promise<T> {
    if (!closing) return work;
    const gone = new AbortController();
    const called = new Promise<T>((tell) => {
      if (closing.aborted) tell(meanwhile);
      closing.addEventListener('abort', () => tell(meanwhile), { signal: gone.signal });
    });
    return Promise.race([work, called]).finally(() => gone.abort());
  }

  const startCase = (process: Process, subject: CaseView) => startOnce(temporal, startOf(process, subject));

  /**
   * Makes a case. Its workflow is started at once where Temporal answers, by the sweep where not: the promise is in the outbox.
   */
  async function bear(ask: Omit<CommandAsk, 'command' | 'number' | 'from'>): Promise<Given> {
    const { process, known } = ask;
    const { kind } = process.definition;
    const key = commandKey({ caller: known.actor.id, about: kind, command: 'create', idempotencyKey: ask.idempotencyKey });
    const outcome = await commits.bear({
      kind,
      key,
      caller: known.actor.id,
      body: ask.body,
      at: new Date().toISOString(),
      requestId: ask.requestId,
    });
    if (usedOtherwise(outcome)) return traced(outcome.refusal, { ...ask, action: `${kind}.create`, caseId: null });
    if (outcome.status === 'done') void startBorn(process, outcome.case.number).catch(() => undefined);
    return answer(outcome);
  }

  async function startBorn(process: Process, number: string): Promise<void> {
    const found = await readCase(db, { kind: process.definition.kind, number });
    if (!found) return;
    await startPromised(world, `start:${found.subject.id}`);
  }

  /** What became of a command that was answered with 202. Only its giver may ask. */
  async function look(input: { key: string; known: Known }): Promise<{ outcome: Outcome | null } | undefined> {
    const rows = await db.$queryRaw<
      { outcome: Outcome | null }[]
    >`SELECT outcome FROM commands WHERE key = ${input.key} AND caller = ${input.known.actor.id}`;
    return rows[0];
  }

  return { give, bear, look, traced };
}

/** The way of a command through the API. */
export type CommandPath = ReturnType<typeof createCommandPath>;

const isBusy = (cause: unknown): boolean => {
  for (let at: unknown = cause; at instanceof Error; at = at.cause) if ((at as { code?: unknown }).code === 8) return true;
  return false;
};
