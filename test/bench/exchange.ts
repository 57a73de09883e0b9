import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { System } from '../kill/system.js';
import { staff } from '../simulators/sample.js';
import { samplesOf, timed, type Samples } from './samples.js';

const SLOWEST_MS = 2_000;
/** Calls at a time to one institution. */
const AT_ONCE = 4;

/** With so many open orders. */
export interface AtOrders {
  readonly open: number;
  readonly list: Samples;
  readonly stop: Samples;
  /**
   * From the moment of an order to its own end, while the slowest institution takes two seconds for the three questions and then
   * hands results over.
   */
  readonly whole: Samples;
}

/** What asking fifty institutions takes, and two hundred orders at once. */
export interface ExchangeMeasured {
  readonly institutions: number;
  readonly slowestMs: number;
  /** An order to its end, a page of the orders, and a stop, with few open orders and with ten thousand that wait. */
  readonly few: AtOrders;
  readonly many: AtOrders;
  readonly crowd: {
    readonly orders: number;
    /** Until every institution but the first had answered all of as many orders while none was slow. */
    readonly quietSeconds: number;
    /** Until every institution but the slow one had answered all of them, and until that one had. */
    readonly othersSeconds: number;
    readonly allSeconds: number;
    /** The least that the slow one can take with so many calls at a time. */
    readonly leastSeconds: number;
    /** Most calls at a time that any institution saw. */
    readonly most: number;
  };
}

const adviser = staff.find((one) => one.roles.some(({ role }) => role === 'study-adviser'))?.id as string;

/** Orders over HTTP among the fifty simulated institutions. Persons are written by SQL. */
export async function exchange({
  system,
  db,
  samples,
  orders,
}: {
  system: System;
  db: pg.Client;
  samples: number;
  orders: number;
}): Promise<ExchangeMeasured> {
  const call = async (path: string, body: object): Promise<any> => {
    for (;;) {
      const answer = await fetch(`${system.api}${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: {
          Authorization: `Bearer ${await system.issuer.tokenOf(adviser)}`,
          'Content-Type': 'application/json',
          'Idempotency-Key': randomUUID(),
        },
      });
      if (answer.status === 503) continue;
      const read = await answer.json();
      if (!answer.ok) throw new Error(`POST ${path} answered ${answer.status} ${(read as { code?: string }).code}`);
      return read;
    }
  };
  await db.query(
    `INSERT INTO settings (institution, name, from_date, value, set_by, set_at, reason) SELECT 'bth', name, '0001-01-01', 'true'::jsonb, $1, now(), 'a measurement' FROM unnest(ARRAY['exchange-module', 'exchange-test-numbers']) AS name`,
    [adviser],
  );
  const approvals = async (many: number): Promise<string[]> => {
    const { rows }: { rows: { id: string; number: string }[] } = await db.query(
      `
      WITH p AS (
        INSERT INTO persons (id, institution, given_name, surname, person_number, email, language, changed_at)
        SELECT gen_random_uuid(), 'bth', 'Kari', 'Eksempel', lpad((random() * 99999999999)::bigint::text, 11, '0'), 'student@bth.example', 'nb', now() FROM generate_series(1, $1::int) RETURNING id, person_number),
      s AS (INSERT INTO students (person_id, institution, birth_date, number_kind, registered_by, registered_at) SELECT id, 'bth', '2001-01-01', 'synthetic', $2::uuid, now() FROM p),
      c AS (INSERT INTO consents (institution, person_id, type, answer, answered_on, came_from, entered_by, entered_at, reason) SELECT 'bth', id, 'RESULTATUTVEKS', 'J', '2026-11-01', 'staff', $2::uuid, now(), 'a measurement' FROM p)
      SELECT id, person_number AS number FROM p`,
      [many, adviser],
    );
    for (const { number } of rows) await knownTo(slow.url, number);
    const made: string[] = [];
    for (const { id } of rows) made.push((await call('/approvals', { person: id })).case.number);
    return made;
  };
  const partners: { code: string; url: string }[] = (
    await db.query("SELECT code, url FROM exchange_partners WHERE listed AND code <> 'bth.example' ORDER BY code")
  ).rows;
  const slow = partners[0] as { code: string; url: string };
  const behave = async (url: string, slowMs: number) => {
    const answer = await fetch(new URL('/__sim/behaviour', url), { method: 'PATCH', body: JSON.stringify({ slow: slowMs }) });
    if (!answer.ok) throw new Error(`an institution did not do as told (${answer.status})`);
  };
  /** Has a result of a person there, so that it is asked for a document as well. */
  const knownTo = async (url: string, number: string) => {
    const answer = await fetch(new URL(`/__sim/persons/${number}`, url), {
      method: 'PUT',
      body: JSON.stringify({
        results: [
          {
            key: `e-${number}`,
            type: 'Course',
            code: 'MAT1000',
            nb: 'Matematikk 1',
            status: 'passed',
            scale: 'no-af',
            grade: 'B',
          },
        ],
      }),
    });
    if (!answer.ok) throw new Error(`an institution took no person (${answer.status})`);
  };
  const idOf = async (number: string): Promise<string> =>
    (await db.query('SELECT id FROM cases WHERE number = $1', [number])).rows[0].id;
  const order = async (approval: string): Promise<string> => idOf((await call('/exchanges', { approval })).case.number);
  const none = async (ids: readonly string[], but?: string) => {
    for (;;) {
      const { rows } = await db.query(
        "SELECT 1 FROM exchange_inquiries WHERE case_id = ANY ($1::uuid[]) AND state = 'open' AND partner <> $2 LIMIT 1",
        [ids, but ?? ''],
      );
      if (rows.length === 0) return;
      await new Promise((later) => setTimeout(later, 50));
    }
  };

  /** Orders that wait for one institution, without workflows: what a list and a step meet in the database. */
  const fillUp = (open: number) =>
    db.query(
      `
    WITH made AS (
      INSERT INTO cases (id, kind, institution, state, step, data, created_by, created_at, changed_at, wakes_at)
      SELECT gen_random_uuid(), 'exchange', 'bth', 'waiting', 1, jsonb_build_object('person', gen_random_uuid(), 'approval', '1', 'round', 1), $1::uuid, now(), now(), now() + interval '1 day' FROM generate_series(1, $2::int)
      RETURNING id)
    INSERT INTO exchange_inquiries (case_id, partner, round, state, outcome, ordered_at, answered_at) SELECT id, $3, 1, 'answered', 'down', now(), now() FROM made`,
      [adviser, open, slow.code],
    );
  const page = async () => {
    const answer = await fetch(`${system.api}/exchanges?limit=50`, {
      headers: { Authorization: `Bearer ${await system.issuer.tokenOf(adviser)}` },
    });
    await answer.text();
    if (!answer.ok) throw new Error(`the list answered ${answer.status}`);
  };
  /** Orders one after the other, each to its end. */
  const toTheEnd = async (): Promise<Samples> => {
    const took: number[] = [];
    for (const approval of await approvals(samples)) {
      const id = await order(approval);
      for (;;) {
        const {
          rows: [{ ms, state }],
        } = await db.query(
          "SELECT extract(epoch FROM closed_at - (data->>'orderedAt')::timestamptz) * 1000 AS ms, state FROM cases WHERE id = $1",
          [id],
        );
        if (state !== 'running' && state !== 'complete') throw new Error(`an order is ${state}`);
        if (ms !== null) {
          took.push(Number(ms));
          break;
        }
        await new Promise((later) => setTimeout(later, 50));
      }
      const {
        rows: [{ count }],
      } = await db.query(
        "SELECT count(*)::int FROM exchange_inquiries WHERE case_id = $1 AND partner = $2 AND outcome = 'fetched'",
        [id, slow.code],
      );
      if (count !== 1) throw new Error('the slow institution handed nothing over');
    }
    return samplesOf(took);
  };
  const among = async (): Promise<AtOrders> => {
    await behave(slow.url, SLOWEST_MS);
    const whole = await toTheEnd();
    const [list, stop]: [number[], number[]] = [[], []];
    for (const approval of await approvals(samples)) {
      const { number } = (await call('/exchanges', { approval })).case as { number: string };
      // Alone with the slow one, so that the asking of the others is not measured with it.
      await none([await idOf(number)], slow.code);
      list.push(await timed(page));
      stop.push(await timed(() => call(`/exchanges/${number}/stop`, { reason: 'a measurement' })));
    }
    const {
      rows: [{ count }],
    } = await db.query("SELECT count(*)::int FROM cases WHERE kind = 'exchange' AND closed_at IS NULL");
    return { open: count, list: samplesOf(list), stop: samplesOf(stop), whole };
  };

  const crowd = async () => {
    const given = await approvals(orders);
    const began = Date.now();
    const since = () => (Date.now() - began) / 1_000;
    const ids = await Promise.all(given.map(order));
    await none(ids, slow.code);
    const others = since();
    await none(ids);
    return { others, all: since() };
  };
  const quiet = await crowd();
  await behave(slow.url, SLOWEST_MS);
  const beside = await crowd();
  const few = await among();
  await fillUp(10_000);
  await db.query('ANALYZE');
  const among10k = await among();
  await behave(slow.url, 0);
  const most = await Promise.all(
    partners.map(async ({ url }) => ((await (await fetch(new URL('/__sim/calls', url))).json()) as { most: number }).most),
  );
  return {
    institutions: partners.length,
    slowestMs: SLOWEST_MS,
    few,
    many: among10k,
    crowd: {
      orders,
      quietSeconds: quiet.others,
      othersSeconds: beside.others,
      allSeconds: beside.all,
      leastSeconds: (orders / AT_ONCE) * (SLOWEST_MS / 1_000),
      most: Math.max(...most),
    },
  };
}
