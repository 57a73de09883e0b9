import {
  CancellationScope,
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  patched,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { ApplicationFailure, defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import type { Channel, Definition, Due } from './process.js';
import { millisecondsUntil, type Instant } from './rules/civil-time.js';
import { queueOf, queues } from './queues.js';

/** What starts the workflow of a case: an id and words without persons. */
export interface CaseInput {
  readonly caseId: string;
  readonly kind: string;
  readonly institution: string;
  /** After continue-as-new: what was already known. */
  readonly adopted?: Adopted;
}

/**
 * A command on its way: who, what and the key, never the content. The MAC proves that the API sealed it and a bare client cannot
 * act.
 */
export interface Envelope {
  readonly key: string;
  readonly caseId: string;
  readonly command: string;
  readonly bodyHash: string;
  readonly caller: string;
  readonly mac: string;
}

/** The case as the workflow needs it: state and deadline, and what was promised. No content, no persons. */
export interface Adopted {
  readonly step: number;
  readonly state: string;
  readonly version: number;
  readonly waitingFor: string | null;
  readonly due: Due | null;
  /**
   * When the command of a wake (`remind` unless the definition names another) is given next. Not there: never, as in every
   * history from before there were reminders.
   */
  readonly wake?: Instant;
  readonly needsAttention: boolean;
  readonly closed: boolean;
}

/** What comes back from a commit. The answer to the caller rests in Postgres; the workflow adopts the case when it is newer. */
export interface Committed {
  readonly outcome: unknown;
  readonly adopted: Adopted | null;
  /** Ways out for which this command wrote outbox rows. */
  readonly promised: readonly Channel[];
}

/** The commits: one transaction each, on the workflow's own queue. */
export interface CommitActivities {
  /** The case as it stands, when a workflow begins, with everything promised and not yet delivered. */
  open(input: { caseId: string }): Promise<Committed>;
  /** A person's command. */
  commit(input: { envelope: Envelope; at: Instant }): Promise<Committed>;
  /**
   * Registrar's own command: a deadline, an answer from outside. The key is the case, the command and the step it starts from.
   */
  advance(input: { caseId: string; command: string; step: number; at: Instant }): Promise<Committed>;
}

/** What a delivery leaves: whether a person has to look at a promise that is uncertain or failed. */
export interface Delivered {
  readonly needsAttention: boolean;
}

/** What work outside tells of when it came upon something a person has to look at. Postgres has it already. */
export interface Troubled {
  readonly needsAttention: true;
}

/**
 * Delivers what a case promised on one way out, row by row: claim, do, record. One activity however many rows, so histories stay
 * short.
 */
export interface DeliveryActivities {
  deliver(input: { caseId: string | null; channel: Channel }): Promise<Delivered>;
}

/** By these operators find cases in Temporal; none holds a person. */
export const searchAttributes = {
  kind: defineSearchAttributeKey('RegistrarKind', 'KEYWORD'),
  institution: defineSearchAttributeKey('RegistrarInstitution', 'KEYWORD'),
  state: defineSearchAttributeKey('RegistrarState', 'KEYWORD'),
  waitingFor: defineSearchAttributeKey('RegistrarWaitingFor', 'KEYWORD'),
  due: defineSearchAttributeKey('RegistrarDue', 'DATETIME'),
  needsAttention: defineSearchAttributeKey('RegistrarNeedsAttention', 'BOOL'),
} as const;

/**
 * A nudge after an edit, which is no step of the workflow: its letters are to be delivered now. Lost or repeated it does no harm,
 * the sweep looks as well.
 */
export const promisedSignal = defineSignal<[readonly Channel[]]>('promised');

/**
 * A person has mended a promise of the case, or an edit has set another deadline. Lost it does no harm: the sweep delivers, and
 * gives it again where the new moment has passed; a reminder at the old moment is refused and tells the new one, and the next step
 * shows the rest.
 */
export const mendedSignal = defineSignal('mended');

/** The case for operators and tests; people read Postgres. */
export const caseQuery = defineQuery<Adopted | undefined>('case');

/**
 * Repeats without end: what Postgres has committed, the workflow will hear of. 5 s is longer than any statement may take (3 s).
 */
const commits = proxyActivities<CommitActivities>({
  taskQueue: queues.cases,
  startToCloseTimeout: '5s',
  retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/** A delivery beats however long a row takes: when an attempt is repeated, the one before is dead. */
const deliveries = (channel: Channel) =>
  proxyActivities<DeliveryActivities>({
    taskQueue: queueOf[channel],
    startToCloseTimeout: '2h',
    heartbeatTimeout: '1m',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5m' },
    summary: `deliver ${channel}`,
  });

/**
 * How long a story pauses when its own step was refused and nobody else has moved the case: somebody has to mend something
 * first, or an edit of which it has not heard moved the moment. Long enough that a refusal which stays costs few events.
 */
const REFUSED_PAUSE = '1m';

const now = (): Instant => new Date().toISOString();

const pairs = (input: CaseInput, seen: Adopted): SearchAttributeUpdatePair[] => [
  { key: searchAttributes.kind, value: input.kind },
  { key: searchAttributes.institution, value: input.institution },
  { key: searchAttributes.state, value: seen.state },
  { key: searchAttributes.waitingFor, value: seen.waitingFor },
  { key: searchAttributes.due, value: seen.due ? new Date(seen.due.ends) : null },
  { key: searchAttributes.needsAttention, value: seen.needsAttention },
];

/** An edit set another deadline or reminder, at the step that is known. */
const editedDeadline = (told: Adopted, seen: Adopted): boolean =>
  told.step === seen.step && told.version > seen.version && (told.due?.ends !== seen.due?.ends || told.wake !== seen.wake);

/**
 * Whether an edit that moved a moment is heard. Records a patch marker, so it is asked once for what is told: in histories from
 * before edits were heard an edit is no news.
 */
const hearsOfEdits = (told: Adopted, seen: Adopted): boolean => editedDeadline(told, seen) && patched('edited-deadline');

const looksSealed = (value: unknown): value is Envelope =>
  typeof value === 'object' &&
  value !== null &&
  ['key', 'caseId', 'command', 'bodyHash', 'caller', 'mac'].every(
    (field) => typeof (value as Record<string, unknown>)[field] === 'string',
  );

/** A running case: what it adopted, and the waits its story is told with. */
export class RunningCase {
  private seen: Adopted | undefined;
  private delivering = 0;

  constructor(
    private readonly input: CaseInput,
    private readonly definition: Definition,
  ) {
    this.seen = input.adopted;
    if (this.seen) setCurrentDetails(this.details(this.seen));
  }

  get id(): string {
    return this.input.caseId;
  }

  /** The case as last adopted. */
  get now(): Adopted {
    if (!this.seen) throw ApplicationFailure.nonRetryable('the case was asked before it was opened');
    return this.seen;
  }

  get closed(): boolean {
    return this.now.closed;
  }

  /** Nothing is on its way to the world. */
  get idle(): boolean {
    return this.delivering === 0;
  }

  /** The history has grown long, and nothing is under way that a new run would not hear of. */
  get renewable(): boolean {
    return workflowInfo().continueAsNewSuggested && this.idle && allHandlersFinished();
  }

  peek(): Adopted | undefined {
    return this.seen;
  }

  /**
   * Takes over what Postgres decided when it is newer than what is known: Postgres orders the commands, so no lock is needed
   * here.
   */
  adopt(committed: Committed): void {
    this.keep(committed.promised);
    const told = committed.adopted;
    if (!told || (this.seen && told.step <= this.seen.step && !hearsOfEdits(told, this.seen))) return;
    this.seen = told;
    upsertSearchAttributes(pairs(this.input, this.seen));
    setCurrentDetails(this.details(this.seen));
  }

  /**
   * Shows whether a person has to look at the case, as Postgres has it; what work outside comes upon is over with the next step
   * or when it is mended.
   */
  attend(needsAttention = true): void {
    upsertSearchAttributes([{ key: searchAttributes.needsAttention, value: needsAttention }]);
    if (!this.seen) return;
    this.seen = { ...this.seen, needsAttention };
    setCurrentDetails(this.details(this.seen));
  }

  /** Hears what a person mended or edited: what is to be delivered, whether somebody still has to look, and the deadline. */
  async mended(): Promise<void> {
    const committed = await CancellationScope.nonCancellable(() => commits.open({ caseId: this.id }));
    this.adopt(committed);
    if (committed.adopted) this.attend(committed.adopted.needsAttention);
  }

  /** Keeps what was promised, each way out for itself. */
  keep(channels: readonly Channel[]): void {
    for (const channel of channels) void this.deliver(channel);
  }

  /**
   * Waits until the case moves on, its deadline passes or a reminder is to be sent, whichever comes first; a passed deadline is
   * committed as the command `due`, a passed wake as `remind` or the command that the definition names. A process without the
   * command does not wait for the moment. Ends when an edit sets another moment. Ends as well when the case may continue as new:
   * the story never waits for that, so mail that cannot be sent holds up no deadline.
   */
  async change(): Promise<void> {
    const { step } = this.now;
    const next = this.appointment();
    const over = () => this.now.step > step || this.renewable || this.appointment()?.at !== next?.at;
    if (!next) return condition(over);
    const inTime = await CancellationScope.cancellable(() =>
      condition(over, millisecondsUntil(now(), next.at), { summary: next.command }),
    );
    if (!inTime) await this.advance(next.command);
  }

  /** The next moment at which Registrar moves the case by itself; a deadline goes before a reminder of the same moment. */
  private appointment(): { readonly command: string; readonly at: Instant } | undefined {
    const { due, wake } = this.now;
    const moments = [
      ...(due ? [{ command: 'due', at: due.ends }] : []),
      ...(wake ? [{ command: this.definition.wakes ?? 'remind', at: wake }] : []),
    ];
    return moments
      .filter(({ command }) => this.definition.commands[command])
      .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))[0];
  }

  /** Registrar's own step, from the state the case is in now. */
  async advance(command: string): Promise<void> {
    const { step } = this.now;
    this.adopt(await CancellationScope.nonCancellable(() => commits.advance({ caseId: this.id, command, step, at: now() })));
    if (this.now.step === step)
      await condition(() => this.now.step > step, REFUSED_PAUSE, { summary: `before ${command} is given again` });
  }

  /**
   * Does work outside while people may still move the case, or until `moved` returns: whichever comes first ends the wait, and
   * the other is called off.
   */
  async until<T>(work: () => Promise<T>, moved?: () => Promise<void>): Promise<T | 'moved'> {
    const { step } = this.now;
    const scope = new CancellationScope();
    const working = scope.run(work);
    const moving = scope.run(moved ?? (() => condition(() => this.now.step > step))).then(() => 'moved' as const);
    const outcome = await Promise.race([working, moving]);
    scope.cancel();
    await Promise.allSettled([working, moving]);
    return outcome;
  }

  private async deliver(channel: Channel): Promise<void> {
    this.delivering += 1;
    try {
      const delivered: Partial<Delivered> | null | undefined = await CancellationScope.nonCancellable(() =>
        deliveries(channel).deliver({ caseId: this.id, channel }),
      );
      if (delivered?.needsAttention) this.attend();
    } catch (cause) {
      log.warn('a delivery gave up and is left to the sweep', { channel, cause: (cause as Error).name });
    } finally {
      this.delivering -= 1;
    }
  }

  private details(seen: Adopted): string {
    const waits = seen.waitingFor ? `waits for **${seen.waitingFor}**` : 'waits for nobody';
    const due = seen.due ? `until ${seen.due.on} (${seen.due.rule}; passed at ${seen.due.ends})` : 'no deadline';
    return [
      `### ${this.definition.title.en} — ${this.definition.states[seen.state]?.en ?? seen.state}${seen.needsAttention ? ' (**needs attention**)' : ''}`,
      '',
      `| step | version | next | by when |`,
      `|---|---|---|---|`,
      `| ${seen.step} | ${seen.version} | ${waits} | ${due} |`,
    ].join('\n');
  }
}

/**
 * The pattern of every case. Each command is an Update and a Signal whose handler is one line: commit, and adopt what Postgres
 * decided. The story is plain control flow: it is told once for each state the case is in, and returns when the case moved on.
 */
export function caseWorkflow(definition: Definition, story: (running: RunningCase) => Promise<void>) {
  return async function workflow(input: CaseInput): Promise<{ state: string }> {
    const running = new RunningCase(input, definition);
    const take = async (envelope: Envelope): Promise<unknown> => {
      const committed = await CancellationScope.nonCancellable(() => commits.commit({ envelope, at: now() }));
      running.adopt(committed);
      return committed.outcome;
    };
    const fits = (envelope: unknown, command: string): envelope is Envelope =>
      looksSealed(envelope) && envelope.command === command && envelope.caseId === input.caseId;
    for (const [name, words] of Object.entries(definition.commands)) {
      if (words.kind === 'edit' || words.by.system) continue;
      setHandler(defineUpdate<unknown, [Envelope]>(name), take, {
        description: words.title.en,
        validator: (envelope) => {
          if (!fits(envelope, name)) throw ApplicationFailure.nonRetryable('not a sealed command of this case', 'unsealed');
        },
      });
      setHandler(
        defineSignal<[Envelope]>(name),
        async (envelope) => {
          if (!fits(envelope, name)) return;
          await take(envelope).catch(() => log.warn('a signal was not taken', { command: name }));
        },
        { description: words.title.en },
      );
    }
    setHandler(
      promisedSignal,
      (channels) => {
        if (Array.isArray(channels)) running.keep(channels.filter((channel) => Object.hasOwn(queueOf, channel)));
      },
      { description: 'An edit promised something: deliver it now' },
    );
    setHandler(mendedSignal, () => running.mended(), {
      description: 'A person mended a promise or set another deadline: look at the case again',
    });
    setHandler(caseQuery, () => running.peek(), { description: 'The case as the workflow last adopted it' });

    running.adopt(await commits.open({ caseId: input.caseId }));
    while (!running.closed) {
      await story(running);
      if (running.renewable && !running.closed) await continueAsNew<typeof workflow>({ ...input, adopted: running.now });
    }
    await condition(() => running.idle && allHandlersFinished());
    return { state: running.now.state };
  };
}
