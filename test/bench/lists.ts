import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { staff } from '../simulators/sample.js';
import type { System } from '../kill/system.js';
import { openComplaints } from './complaints.js';

const idOf = (login: string) => staff.find((one) => one.login === login)?.id as string;
const [tove, eva] = [idOf('tove'), idOf('eva')];

/** Calls the API as a person, by id, and reads the JSON that comes back. Throws where it is a no. */
export type Call = (person: string, method: string, path: string, body?: unknown) => Promise<any>;

/** A list of graded students, over HTTP. */
export interface BenchList {
  readonly number: string;
  readonly id: string;
  /** A step: to the examiner, or back, by turns. */
  step(): Promise<void>;
  save(): Promise<void>;
  /** Back to its teacher, if it is not. */
  home(): Promise<void>;
}

export interface Bench {
  readonly db: pg.Client;
  readonly lists: readonly BenchList[];
  /** Steps of as many complaints (or fewer) that promise nothing and end nothing. */
  readonly plain: readonly (() => Promise<void>)[];
  /** Another list, of so many students. */
  make(rows: number): Promise<BenchList>;
  list(): Promise<void>;
  /** New drafts, each withdrawn by one call: a step that promises nothing to the world. */
  drafts(many: number): Promise<(() => Promise<void>)[]>;
  /** Waits until every promise of the steps is kept, so that nothing runs beside the next measurement. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

/** Makes `count` lists of 30. Students are written by SQL, since the sample register has no course of 30. */
export async function openBench(system: System, count: number): Promise<Bench> {
  const db = new pg.Client({ connectionString: system.config.DATABASE_URL });
  db.on('error', () => undefined);
  await db.connect();
  const call: Call = async (person, method, path, body) => {
    const answer = await fetch(`${system.api}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${await system.issuer.tokenOf(person)}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': randomUUID(),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const read = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status} ${(read as { code?: string }).code}`);
    return read;
  };
  const quiet = async () => {
    for (;;) {
      const { rows } = await db.query("SELECT 1 FROM outbox WHERE state IN ('pending', 'claimed') LIMIT 1");
      if (rows.length === 0) return;
      await new Promise((later) => setTimeout(later, 10));
    }
  };

  async function make(many: number): Promise<BenchList> {
    const {
      case: { number },
    } = await call(tove, 'POST', '/result-lists', { kind: 'T33', course: 'XX1000', module: 'TEN1' });
    const {
      rows: [{ id }],
    } = await db.query('SELECT id FROM cases WHERE number = $1', [number]);
    await db.query(
      `
      INSERT INTO result_rows (case_id, student_uid, person_number, surname, given_name)
      SELECT $1, gen_random_uuid(), '19950101' || lpad(n::text, 4, '0'), 'Efternamn' || n, 'Förnamn' || n FROM generate_series(1, $2::int) AS n`,
      [id, many],
    );
    await db.query(
      `
      INSERT INTO registrations (institution, student_uid, occasion_uid, course_code, from_date, to_date, taken_at)
      SELECT 'bth', student_uid, 'c3000000-0000-4000-8000-00000000ffff', 'XX1000', '2026-08-31', '2027-01-17', now() FROM result_rows WHERE case_id = $1`,
      [id],
    );
    // As autovacuum does within a minute of so many new rows; until then plans are made for empty tables.
    await db.query('ANALYZE result_rows, registrations');
    const items: { student: string }[] = [];
    while (items.length < many)
      items.push(...(await call(tove, 'GET', `/result-lists/${number}/rows?limit=100&after=${items.length}`)).items);
    let version = 1;
    let score = 0;
    let sent = false;
    const save = async () => {
      score += 1;
      const rows = items.map((row, n) => ({
        student: row.student,
        grade: 'ABCDEF'[(n + score) % 6],
        examinationDate: '2026-11-02',
        score: String((n + score) % 50),
      }));
      version = (await call(tove, 'POST', `/result-lists/${number}/save`, { version, rows })).case.version;
    };
    const step = async () => {
      const answer = sent
        ? await call(eva, 'POST', `/result-lists/${number}/return`, { reason: 'kontrollera poängen' })
        : await call(tove, 'POST', `/result-lists/${number}/send`, { version });
      version = answer.case.version;
      sent = !sent;
    };
    await save();
    return { number, id, step, save, home: async () => (sent ? step() : undefined) };
  }
  const lists: BenchList[] = [];
  for (let n = 0; n < count; n += 1) lists.push(await make(30));
  for (const list of lists) await list.step();
  for (const list of lists) await list.step();
  const plain = await openComplaints(call, count);
  await quiet();
  const drafts = async (many: number) => {
    const made: (() => Promise<void>)[] = [];
    while (made.length < many) {
      const births = await Promise.all(
        Array.from({ length: 8 }, () => call(tove, 'POST', '/result-lists', { kind: 'T33', course: 'XX1000', module: 'TEN1' })),
      );
      made.push(...births.map((birth) => () => call(tove, 'POST', `/result-lists/${birth.case.number}/withdraw`, {})));
    }
    await quiet();
    return made;
  };
  return {
    db,
    lists,
    plain,
    make,
    drafts,
    quiet,
    list: () => call(tove, 'GET', '/result-lists?limit=50'),
    close: () => db.end(),
  };
}
