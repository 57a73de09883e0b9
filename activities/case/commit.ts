import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import type { Committed, Envelope } from '../../workflows/case-workflow.js';
import {
  admit,
  givesFor,
  nextCase,
  promisedStart,
  refuse,
  startOf,
  type Actor,
  type CaseView,
  type Decision,
  type Refusal,
} from '../../workflows/process.js';
import { dayOf, type Instant } from '../../workflows/rules/civil-time.js';
import type { Database, Transaction } from '../../prisma/client.js';
import { append } from '../audit.js';
import { brokenRule } from './broken-rule.js';
import { adoptedOf, promise, readCase, undelivered, writeBirth, writeDecision } from './case-row.js';
import { contentOf, decided, writeDown, type Given, type Outcome, type Snapshot } from './command-row.js';
import { system, whoIs } from './people.js';
import type { Process, Processes } from './registered-process.js';
import { hashOf, isSealed } from './seal.js';

/** What deciding needs of the world. */
export interface CommitDeps {
  readonly db: Database;
  readonly processes: Processes;
  /** Seals envelopes between API and worker. */
  readonly secret: Buffer;
}

const snapshot = (subject: CaseView): Snapshot => ({
  number: subject.number,
  kind: subject.kind,
  state: subject.state,
  step: subject.step,
  version: subject.version,
  waitingFor: subject.waitingFor,
  due: subject.due,
});

const nothing = (refusal: Refusal): Committed => ({
  outcome: { status: 'refused', refusal } satisfies Outcome,
  adopted: null,
  promised: [],
});

/** Decides once more where Postgres could not hold it: somebody else may only have been quicker. */
async function twice<T>(deciding: () => Promise<T>): Promise<T> {
  try {
    return await deciding();
  } catch (cause) {
    if (!brokenRule(cause)) throw cause;
    return deciding();
  }
}

/** Thrown to leave a transaction without a trace; never seen outside this file. */
class Leave extends Error {}

interface WrittenRow {
  readonly body: Given;
  readonly body_hash: string;
  readonly salt: string;
  readonly outcome: Outcome | null;
  readonly caller: string;
  readonly name: string;
  readonly case_id: string;
}

const readWritten = async (tx: Transaction, key: string): Promise<WrittenRow | undefined> =>
  (
    await tx.$queryRaw<
      WrittenRow[]
    >`SELECT body, body_hash, salt, outcome, caller, name, case_id FROM commands WHERE key = ${key}`
  )[0];

const justWritten = (envelope: Envelope, given: Given, salt: string): WrittenRow => ({
  body: given,
  body_hash: envelope.bodyHash,
  salt,
  outcome: null,
  caller: envelope.caller,
  name: envelope.command,
  case_id: envelope.caseId,
});

/**
 * The one place where a command is judged: right schema, then role and state, then the process's own rule. Pure but for the facts
 * it reads.
 */
async function judge(
  tx: Transaction,
  process: Process,
  ask: { subject: CaseView; command: string; given: Given; actor: Actor; at: Instant; zone: string },
): Promise<Decision | Refusal> {
  const { subject, command, actor, at, zone } = ask;
  const today = dayOf(at, zone);
  const no = admit(process.definition, command, subject, actor) ?? (await process.store?.bars?.(tx, subject, actor));
  if (no) return no;
  const schema = process.schema.commands[command];
  const parsed = schema ? schema.safeParse(ask.given.body) : { success: true as const, data: {} };
  if (!parsed.success)
    return refuse('invalid', 'registrar', 'invalid-input', { fields: parsed.error.issues.map((issue) => issue.path.join('.')) });
  const facts = await process.store?.facts(tx, { subject, command, body: parsed.data, actor, at, today });
  const rule = process.rules.commands[command];
  if (!rule) return refuse('missing', 'registrar', 'no-such-command');
  return rule({ case: subject, body: parsed.data as never, actor, facts, at, today, zone, fresh: randomUUID() });
}

/**
 * Everything a decision leaves behind, in one transaction: the case, the process's tables, promises, the command's outcome, the
 * audit.
 */
async function settle(
  tx: Transaction,
  process: Process,
  input: {
    subject: CaseView;
    command: string;
    key: string;
    actor: Actor;
    at: Instant;
    verdict: Decision | Refusal;
    given: Given;
    content?: string;
    requestId?: string;
  },
): Promise<Committed> {
  const { subject, command, key, actor, at, verdict } = input;
  const event = {
    institution: subject.institution,
    caseId: subject.id,
    subject: `${subject.kind}/${subject.number}`,
    actor: actor.id,
    action: `${subject.kind}.${command}`,
    key,
    at,
    ...(input.content ? { content: input.content } : {}),
  };
  const request = input.requestId ? { requestId: input.requestId } : {};
  const whom = givesFor(process.definition, command, actor, subject);
  const onBehalf = whom ? { for: whom } : {};
  if (verdict.refused) {
    const outcome: Outcome = { status: 'refused', refusal: verdict };
    await decided(tx, key, outcome, at);
    await append(tx, {
      ...event,
      ...request,
      outcome: 'refused',
      rule: verdict.rule,
      code: verdict.code,
      ...(verdict.details || whom ? { details: { ...onBehalf, ...verdict.details } } : {}),
    });
    return { outcome, adopted: adoptedOf(subject, process.definition), promised: [] };
  }
  const next = nextCase(subject, verdict, process.definition.commands[command]?.kind === 'edit' ? 'version' : 'step');
  if (verdict.writes?.length)
    await process.store?.write(tx, { subject: next, writes: verdict.writes, actor, at, from: input.given.from });
  const outcome: Outcome = { status: 'done', case: snapshot(next), ...(verdict.answer ? { answer: verdict.answer } : {}) };
  const { promised, needsAttention } = await writeDecision(tx, {
    next,
    final: process.definition.final.includes(verdict.state),
    at,
    promises: verdict.promises,
    key,
    outcome,
    event: {
      ...event,
      ...request,
      outcome: 'done',
      details: { ...onBehalf, ...verdict.record, from: subject.state, to: next.state, step: next.step, version: next.version },
    },
  });
  return { outcome, adopted: adoptedOf({ ...next, needsAttention }, process.definition), promised };
}

/** Makes the commits over a database: one transaction each, READ COMMITTED, locks in the order case, then chain. */
export function createCommits(deps: CommitDeps) {
  const processOf = (kind: string): Process => {
    const process = deps.processes.get(kind);
    if (!process) throw new Error(`no process ${kind}`);
    return process;
  };

  /**
   * Decides a command that was written down, or writes it down in the same transaction (`written`, for edits, whose hash is the
   * envelope's). With `only: 'refusals'` a yes leaves no trace and is answered with undefined. With `broken`, the SQLSTATE that
   * keeping it met, it is refused.
   */
  async function decide(input: {
    envelope: Envelope;
    at: Instant;
    only?: 'refusals';
    requestId?: string;
    written?: Given;
    broken?: string;
  }): Promise<Committed | undefined> {
    const { envelope, at } = input;
    if (!isSealed(envelope, deps.secret)) return nothing(refuse('forbidden', 'registrar', 'unsealed'));
    try {
      return await deps.db.$transaction(async (tx) => {
        const found = await readCase(tx, { id: envelope.caseId }, true);
        if (!found) return nothing(refuse('missing', 'registrar', 'no-such-case'));
        const { subject } = found;
        const process = processOf(subject.kind);
        const made =
          input.written &&
          (await writeDown(tx, {
            key: envelope.key,
            caseId: subject.id,
            name: envelope.command,
            caller: envelope.caller,
            bodyHash: envelope.bodyHash,
            ...input.written,
          }));
        const written =
          made && !made.known && input.written
            ? justWritten(envelope, input.written, made.salt)
            : await readWritten(tx, envelope.key);
        if (
          !written ||
          written.caller !== envelope.caller ||
          written.name !== envelope.command ||
          written.case_id !== envelope.caseId
        )
          return nothing(refuse('forbidden', 'registrar', 'unsealed'));
        if (written.body_hash !== envelope.bodyHash) return nothing(refuse('invalid', 'registrar', 'key-used-otherwise'));
        if (written.outcome)
          return {
            outcome: written.outcome,
            adopted: adoptedOf(subject, process.definition),
            promised: await undelivered(tx, subject.id),
          };
        const known = await whoIs(tx, { person: envelope.caller, at });
        const actor = known?.actor ?? { id: envelope.caller, institution: subject.institution, roles: [] };
        const given = written.body;
        const verdict =
          input.broken === undefined
            ? await judge(tx, process, { subject, command: envelope.command, given, actor, at, zone: found.zone })
            : refuse('conflict', 'registrar', 'could-not-be-kept', { sqlstate: input.broken });
        if (!verdict.refused && input.only) throw new Leave();
        return settle(tx, process, {
          subject,
          command: envelope.command,
          key: envelope.key,
          actor,
          at,
          verdict,
          given,
          content: contentOf({ salt: written.salt, bodyHash: written.body_hash }),
          ...(input.requestId ? { requestId: input.requestId } : {}),
        });
      });
    } catch (cause) {
      if (cause instanceof Leave) return undefined;
      throw cause;
    }
  }

  /** What the command would meet now, read without a lock. Undefined: nothing stands in its way. */
  async function foresee(input: {
    subject: CaseView;
    zone: string;
    command: string;
    body: unknown;
    actor: Actor;
    at: Instant;
  }): Promise<Refusal | undefined> {
    const verdict = await judge(deps.db, processOf(input.subject.kind), {
      subject: input.subject,
      command: input.command,
      given: { body: input.body, from: null },
      actor: input.actor,
      at: input.at,
      zone: input.zone,
    });
    return verdict.refused ? verdict : undefined;
  }

  /** The case as it stands, for a workflow that begins: one that is begun about no case of ours ends as failed. */
  async function open(input: { caseId: string }): Promise<Committed> {
    const found = await readCase(deps.db, { id: input.caseId });
    if (!found) throw ApplicationFailure.nonRetryable('no such case', 'no-such-case');
    const { definition } = processOf(found.subject.kind);
    return {
      outcome: null,
      adopted: adoptedOf(found.subject, definition),
      promised: await undelivered(deps.db, found.subject.id),
    };
  }

  /**
   * A person's command on its way through the workflow, which repeats it until there is an answer. What Postgres cannot hold is
   * decided once more, for somebody else may have been quicker and the rules then say so; what it cannot hold then either is a
   * fault of Registrar, and refused.
   */
  async function commit(input: { envelope: Envelope; at: Instant }): Promise<Committed> {
    try {
      return (await twice(() => decide(input))) as Committed;
    } catch (cause) {
      const broken = brokenRule(cause);
      if (!broken) throw cause;
      return (await decide({ ...input, broken })) as Committed;
    }
  }

  /**
   * Registrar's own command, once for the step it starts from. The workflow repeats one that Postgres cannot hold, for nobody is
   * there to be told no; meanwhile the case asks for attention.
   */
  async function advance(input: { caseId: string; command: string; step: number; at: Instant }): Promise<Committed> {
    try {
      return await twice(() => advanced(input));
    } catch (cause) {
      const { caseId, step } = input;
      if (brokenRule(cause)) await deps.db.case.updateMany({ where: { id: caseId, step }, data: { needsAttention: true } });
      throw cause;
    }
  }

  async function advanced(input: Parameters<typeof advance>[0]): Promise<Committed> {
    const key = hashOf({ system: input.caseId, command: input.command, step: input.step });
    return deps.db.$transaction(async (tx) => {
      const found = await readCase(tx, { id: input.caseId }, true);
      if (!found) return nothing(refuse('missing', 'registrar', 'no-such-case'));
      const { subject } = found;
      const process = processOf(subject.kind);
      const written = await writeDown(tx, {
        key,
        caseId: subject.id,
        name: input.command,
        caller: 'system',
        body: {},
        from: null,
      });
      const before = written.outcome;
      const stale = subject.step !== input.step;
      if (before?.status === 'done' || stale)
        return { outcome: before, adopted: adoptedOf(subject, process.definition), promised: await undelivered(tx, subject.id) };
      const actor = system(subject.institution);
      const given = { body: {}, from: null };
      const verdict = await judge(tx, process, { subject, command: input.command, given, actor, at: input.at, zone: found.zone });
      if (verdict.refused)
        return {
          outcome: { status: 'refused', refusal: verdict },
          adopted: adoptedOf(subject, process.definition),
          promised: [],
        };
      return settle(tx, process, { subject, command: input.command, key, actor, at: input.at, verdict, given });
    });
  }

  /** The birth of a case: key, number, case, audit and the promise to start its workflow, in one transaction. */
  async function bear(input: {
    kind: string;
    key: string;
    caller: string;
    body: unknown;
    at: Instant;
    requestId?: string;
  }): Promise<Outcome> {
    const process = processOf(input.kind);
    const bodyHash = hashOf(input.body);
    return deps.db.$transaction(async (tx) => {
      const written = await writeDown(tx, {
        key: input.key,
        caseId: null,
        name: `${input.kind}.create`,
        caller: input.caller,
        body: input.body,
        bodyHash,
        from: null,
      });
      if (written.bodyHash !== bodyHash)
        return { status: 'refused', refusal: refuse('invalid', 'registrar', 'key-used-otherwise') };
      if (written.outcome) return written.outcome;
      const known = await whoIs(tx, { person: input.caller, at: input.at });
      if (!known) return { status: 'refused', refusal: refuse('forbidden', 'registrar', 'not-yours-to-open') };
      const { actor, today, zone } = known;
      const { definition, rules, store } = process;
      const mayBear = actor.roles.some((held) => definition.birth.by[held.role] !== undefined);
      const verdict = mayBear
        ? rules.birth({
            body: input.body as never,
            actor,
            facts: await store?.birthFacts(tx, { body: input.body, actor }),
            at: input.at,
            today,
            zone,
            fresh: randomUUID(),
          })
        : refuse('forbidden', definition.birth.rule, 'not-yours-to-give', { command: 'create' });
      const event = {
        institution: actor.institution,
        actor: actor.id,
        action: `${input.kind}.create`,
        key: input.key,
        at: input.at,
        content: contentOf(written),
        ...(input.requestId ? { requestId: input.requestId } : {}),
      };
      if (verdict.refused) {
        const outcome: Outcome = { status: 'refused', refusal: verdict };
        await decided(tx, input.key, outcome, input.at);
        await append(tx, { ...event, caseId: null, outcome: 'refused', rule: verdict.rule, code: verdict.code });
        return outcome;
      }
      const id = randomUUID();
      const number = await writeBirth(tx, {
        id,
        kind: input.kind,
        institution: actor.institution,
        birth: verdict,
        by: actor.id,
        at: input.at,
      });
      const start = startOf(process, { id, number, institution: actor.institution, scope: verdict.scope });
      const newborn = verdict.writes?.length && (await readCase(tx, { id }))?.subject;
      if (newborn) await store?.write(tx, { subject: newborn, writes: verdict.writes ?? [], actor, at: input.at, from: null });
      await promise(tx, {
        institution: actor.institution,
        caseId: id,
        promises: [promisedStart(id, start), ...(verdict.promises ?? [])],
      });
      const outcome: Outcome = {
        status: 'done',
        case: {
          number,
          kind: input.kind,
          state: verdict.state,
          step: 0,
          version: 1,
          waitingFor: verdict.waitingFor,
          due: verdict.due ?? null,
        },
        ...(verdict.answer ? { answer: verdict.answer } : {}),
      };
      await tx.$executeRaw`UPDATE commands SET case_id = ${id}::uuid WHERE key = ${input.key}`;
      await decided(tx, input.key, outcome, input.at);
      await append(tx, {
        ...event,
        caseId: id,
        subject: `${input.kind}/${number}`,
        outcome: 'done',
        details: { ...verdict.record, to: verdict.state },
      });
      return outcome;
    });
  }

  return { decide, foresee, open, commit, advance, bear };
}

/** The transactions that decide: births, commands, and what Registrar does by itself. */
export type Commits = ReturnType<typeof createCommits>;
