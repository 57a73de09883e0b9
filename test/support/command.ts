import { randomUUID } from 'node:crypto';
import { caseQuery } from '../../workflows/case-workflow.js';
import type { Answer, Login, University } from './university.js';

/** A command as a client gives it: with one key, repeated with that key until it is decided. */
export interface Command {
  readonly name: string;
  /** Gives it once. */
  give(): Promise<Answer>;
  /** Gives it until the answer is a yes or a no; 202, 429 and 503 are neither. */
  settle(): Promise<Answer>;
}

const PATIENCE_MS = 60_000;
const undecided = (answer: Answer) => [202, 429, 503].includes(answer.status);

/** A command on a list, or on a case of another process (`path`), with a key of its own. */
export function command(
  at: University,
  given: { login: Login; list: string; name: string; body: object; path?: string },
): Command {
  const key = randomUUID();
  const give = () => at.as(given.login).post(`/${given.path ?? 'result-lists'}/${given.list}/${given.name}`, given.body, { key });
  const settle = async () => {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await give();
      if (!undecided(answer)) return answer;
      if (Date.now() > until) throw new Error(`${given.name} is not decided: ${answer.status}`);
      await new Promise((later) => setTimeout(later, 150));
    }
  };
  return { name: given.name, give, settle };
}

/** What an answer says, without what is new in every answer. */
export function saying({ status, body }: Answer): string {
  const { requestId: _new, ...rest } = body as Record<string, unknown>;
  return `${status} ${JSON.stringify(rest)}`;
}

/** Where a case stands in Postgres. */
export async function inPostgres(
  at: University,
  number: string,
): Promise<{ id: string; kind: string; state: string; step: number; version: number }> {
  const { id, kind, state, step, version } = await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(number) } });
  return { id, kind, state, step, version };
}

/** Where its workflow thinks that it stands. */
export async function inTemporal(at: University, number: string): Promise<{ state: string; step: number } | undefined> {
  const { kind } = await inPostgres(at, number);
  const seen = await at.world.temporal.workflow.getHandle(`${kind}/${number}`).query(caseQuery);
  return seen && { state: seen.state, step: seen.step };
}

/** How often the workflow of a list has heard of the end of a commit. */
export async function commitsHeardOf(at: University, number: string): Promise<number> {
  const { events } = await at.world.temporal.workflow.getHandle(`result-list/${number}`).fetchHistory();
  const commits = (events ?? [])
    .filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'commit')
    .map((event) => String(event.eventId));
  return (events ?? []).filter((event) => commits.includes(String(event.activityTaskCompletedEventAttributes?.scheduledEventId)))
    .length;
}
