import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type * as registry from '../workflows/processes.js';
import type { ConsentRecord } from '../activities/consents.js';
import type { ExternalStudyAnswer } from '../activities/exchange/external-studies.js';
import type { ChangeSeen, InstitutionSeen } from '../activities/exchange/seen.js';
import type { NumberKind } from '../activities/norwegian-number.js';
import type { NewStudent, StudentAnswer } from '../activities/students.js';
import type { Mended, Mending, TroubledPromise } from '../activities/troubled.js';
import type { ConsentAnswer } from '../workflows/exchange/consent.js';
import type { SettingName, SettingValue } from '../workflows/settings/schema.js';
import type { ProblemBody } from './problem.js';

type Registry = typeof registry;
type Schemas<Name extends keyof Registry> = Registry[Name]['schema'];

/**
 * A no as the caller meets it: the problem with the id of its rule. With 429 and 503 nothing was decided: ask again with the same
 * key after `retryAfter` seconds.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly problem: ProblemBody,
    readonly retryAfter: number | null = null,
  ) {
    super(`${problem.status} ${problem.code} (${problem.rule})`);
  }
}

/** What came back is no answer of Registrar, such as the page of a proxy. What became of a command is not known: ask again with the same key. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  constructor(readonly status: number) {
    super(`${status} and no answer of Registrar`);
  }
}

/** A command that was taken and is not decided yet. `look` at its `location` to hear what became of it. */
export interface Accepted {
  readonly accepted: true;
  readonly location: string;
}

/** What a command leads to. `location` is where to look for what was ordered. */
export interface Done {
  readonly case: {
    readonly number: string;
    readonly kind: string;
    readonly state: string;
    readonly step: number;
    readonly version: number;
    readonly waitingFor: string | null;
  };
  readonly answer?: Readonly<Record<string, unknown>>;
  readonly location: string | null;
}

/** The case with the commands that this caller may give now. */
export interface CaseAnswer {
  readonly number: string;
  readonly kind: string;
  readonly state: string;
  readonly stateText: string;
  readonly step: number;
  readonly version: number;
  readonly waitingFor: string | null;
  readonly due: { readonly on: string; readonly ends: string; readonly rule: string } | null;
  readonly needsAttention: boolean;
  readonly data: Readonly<Record<string, unknown>>;
  readonly commands: readonly { readonly name: string; readonly title: string }[];
  readonly warnings: readonly {
    readonly code: string;
    readonly rule: string;
    readonly sv: string;
    readonly nb: string;
    readonly en: string;
  }[];
}

/** A setting on a day: its value, the first day that value is in force, and every value it has had or will have. */
export interface SettingAnswer<Name extends SettingName> {
  readonly name: Name;
  readonly title: string;
  readonly on: string;
  readonly value: SettingValue<Name>;
  readonly from: string;
  readonly values: readonly {
    readonly from: string;
    readonly value: SettingValue<Name>;
    readonly setBy: string | null;
    readonly setAt: string | null;
    readonly reason: string | null;
  }[];
}

/** The commands of one process, each with its own body: derived from the schemas, so a wrong field does not compile. */
export type ProcessClient<Name extends keyof Registry> = {
  readonly create: (body: z.input<Schemas<Name>['birth']>, how?: { key?: string }) => Promise<Done>;
  readonly read: (number: string) => Promise<CaseAnswer>;
  readonly give: <Command extends keyof Schemas<Name>['commands']>(
    number: string,
    command: Command,
    body: z.input<Schemas<Name>['commands'][Command]>,
    how?: { key?: string },
  ) => Promise<Done | Accepted>;
  /** Promises that are uncertain or failed, a page of them. */
  readonly deliveries: (
    number: string,
    page?: { limit?: number; after?: string },
  ) => Promise<{ readonly items: readonly TroubledPromise[]; readonly next: string | null }>;
  /** Has one of them delivered once more, or says that it is settled. */
  readonly mend: (number: string, delivery: string, how: Mending, given?: { key?: string }) => Promise<Mended>;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const isProblem = (body: unknown): body is ProblemBody =>
  typeof body === 'object' && body !== null && 'code' in body && 'rule' in body && 'status' in body;

/**
 * A typed client of the API. `paths` says under which path each process lives (the `path` of its definition).
 *
 * @example const registrar = createClient({ baseUrl: 'http://127.0.0.1:8080', token }); const { case: list } = await
 * registrar.process('resultList', 'result-lists').create({ kind: 'T33', course: 'XX1000', module: 'TEN1' }); await
 * registrar.process('resultList', 'result-lists').give(list.number, 'send', { version: 1 });
 */
export function createClient(input: {
  baseUrl: string;
  token: string;
  fetch?: (request: Request) => Promise<Response> | Response;
}) {
  const send = input.fetch ?? ((request: Request) => fetch(request));

  async function call(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    key?: string,
  ): Promise<{ body: unknown; location: string | null }> {
    const answer = await send(
      new Request(new URL(path, input.baseUrl), {
        method,
        headers: {
          Authorization: `Bearer ${input.token}`,
          ...(method === 'POST' ? { 'Content-Type': 'application/json', 'Idempotency-Key': key ?? randomUUID() } : {}),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    const read = parsed(await answer.text());
    if (!answer.ok && isProblem(read)) throw new Problem(read, Number(answer.headers.get('Retry-After')) || null);
    if (!answer.ok || read === undefined) throw new NoAnswer(answer.status);
    return { body: read, location: answer.headers.get('Location') };
  }

  const told = ({ body, location }: Awaited<ReturnType<typeof call>>) => ({ ...(body as object), location });

  return {
    process: <Name extends keyof Registry>(_name: Name, path: string): ProcessClient<Name> => ({
      create: async (body, how) => told(await call('POST', `/${path}`, body, how?.key)) as Done,
      read: async (number) => (await call('GET', `/${path}/${number}`)).body as CaseAnswer,
      give: async (number, command, body, how) =>
        told(await call('POST', `/${path}/${number}/${String(command)}`, body, how?.key)) as Done | Accepted,
      deliveries: async (number, page = {}) => {
        const query = Object.entries(page)
          .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
          .join('&');
        return (await call('GET', `/${path}/${number}/deliveries?${query}`)).body as {
          items: TroubledPromise[];
          next: string | null;
        };
      },
      mend: async (number, delivery, how, given) =>
        (await call('POST', `/${path}/${number}/deliveries/${delivery}/${how}`, {}, given?.key)).body as Mended,
    }),
    /** What became of a command that was taken: as if it were given again, so a no is thrown. */
    look: async ({ location }: Accepted): Promise<Done | Accepted> => {
      const { body } = await call('GET', location);
      return told({ body, location: 'accepted' in (body as object) ? location : null }) as Done | Accepted;
    },
    /** Switches administration mode for the sign-in of this token. For operations: before a setting or a notice. */
    administration: async (on: boolean, how?: { key?: string }): Promise<{ readonly on: boolean }> =>
      (await call('POST', '/me/administration-mode', { on }, how?.key)).body as { on: boolean },
    /** A setting as it is on a day (`YYYY-MM-DD`; left out: today). */
    setting: async <Name extends SettingName>(name: Name, on?: string): Promise<SettingAnswer<Name>> =>
      (await call('GET', `/settings/${name}${on ? `?on=${on}` : ''}`)).body as SettingAnswer<Name>,
    /** Sets a value from a day on. */
    set: async <Name extends SettingName>(
      name: Name,
      asked: { value: SettingValue<Name>; from: string; reason: string },
      how?: { key?: string },
    ): Promise<void> => void (await call('POST', `/settings/${name}`, asked, how?.key)),
    /** Registers a student. For those who handle students (RX-32). */
    registerStudent: async (
      student: NewStudent,
      how?: { key?: string },
    ): Promise<{ readonly person: string; readonly numberKind: NumberKind }> =>
      (await call('POST', '/students', student, how?.key)).body as { person: string; numberKind: NumberKind },
    /** Whose national number it is: the person's id. */
    findStudent: async (number: string): Promise<string> =>
      ((await call('POST', '/find-student', { number })).body as { person: string }).person,
    student: async (person: string): Promise<StudentAnswer> => (await call('GET', `/students/${person}`)).body as StudentAnswer,
    /** Enters what a student answered (RX-08), with how it came in. */
    enterConsent: async (
      consent: { person?: string; answer: ConsentAnswer; on?: string; reason?: string },
      how?: { key?: string },
    ): Promise<ConsentRecord> => (await call('POST', '/consents', consent, how?.key)).body as ConsentRecord,
    /** What a student answered, the newest first. */
    consents: async (person: string): Promise<readonly ConsentRecord[]> =>
      ((await call('GET', `/consents?person=${person}`)).body as { items: ConsentRecord[] }).items,
    /** Every institution of an order, as it was asked last (RX-19). */
    askedInstitutions: async (exchange: string): Promise<readonly InstitutionSeen[]> =>
      ((await call('GET', `/exchanges/${exchange}/institutions`)).body as { items: InstitutionSeen[] }).items,
    /** What an order found otherwise than an earlier one (RX-24). */
    externalChanges: async (exchange: string): Promise<readonly ChangeSeen[]> =>
      ((await call('GET', `/exchanges/${exchange}/changes`)).body as { items: ChangeSeen[] }).items,
    /** What the person of an approval case has from elsewhere (RX-34). */
    externalStudies: async (approval: string): Promise<readonly ExternalStudyAnswer[]> =>
      ((await call('GET', `/approvals/${approval}/external-studies`)).body as { items: ExternalStudyAnswer[] }).items,
    /** Opens the SMS way of somebody who typed ten wrong codes in a row. For operations. */
    unlockSigning: async (person: string, reason: string, how?: { key?: string }): Promise<void> =>
      void (await call('POST', `/people/${person}/unlock-signing`, { reason }, how?.key)),
  };
}
