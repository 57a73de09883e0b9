import type { Bare } from './bare/client.js';
import type { Bench, BenchList } from './lists.js';
import { samplesOf, timed, type Samples } from './samples.js';

export interface AtMass {
  readonly open: number;
  readonly list: Samples;
  readonly step: Samples;
  readonly bare: Samples;
}

/** Fills up to `open` open cases by SQL, each with ten students and its entry in the chain, so that the audit still verifies. */
async function fillUp(bench: Bench, open: number): Promise<void> {
  await bench.db.query(
    `
    WITH made AS (
      INSERT INTO cases (id, kind, institution, state, scope, data, waiting_for, created_by, created_at, changed_at)
      SELECT gen_random_uuid(), kind, institution, 'draft', scope, data, 'teacher', created_by, now(), now()
      FROM cases, generate_series(1, greatest(0, $2 - (SELECT count(*) FROM cases WHERE closed_at IS NULL))) WHERE id = $1 RETURNING id, number, institution, created_by)
    SELECT count(audit_append(institution, id, json_build_object('action', 'result-list.create', 'actor', created_by, 'at', now(), 'case', id, 'outcome', 'done', 'subject', 'result-list/' || number)::text)) FROM made`,
    [(bench.lists[0] as BenchList).id, open],
  );
  await bench.db.query(`
    INSERT INTO result_rows (case_id, student_uid, person_number, surname, given_name, grade, examination_date)
    SELECT c.id, gen_random_uuid(), '199501010000', 'Efternamn', 'Förnamn', 'B', '2026-11-02' FROM cases c, generate_series(1, 10)
    WHERE NOT EXISTS (SELECT 1 FROM result_rows r WHERE r.case_id = c.id)`);
  await bench.db.query('ANALYZE');
}

/** Listing and stepping with few and with many open cases; bare steps beside them show what the machine did meanwhile. */
export async function mass(input: { bare: Bare; bench: Bench; samples: number; open: readonly number[] }): Promise<AtMass[]> {
  const { bare, bench, samples } = input;
  const seen: AtMass[] = [];
  for (const open of input.open) {
    await fillUp(bench, open);
    const [list, step, plain]: [number[], number[], number[]] = [[], [], []];
    for (let n = 0; n < samples; n += 1) {
      list.push(await timed(() => bench.list()));
      plain.push(await timed(() => bare.step(n)));
      step.push(await timed(() => (bench.lists[n % bench.lists.length] as BenchList).step()));
      await bench.quiet();
    }
    seen.push({ open, list: samplesOf(list), step: samplesOf(step), bare: samplesOf(plain) });
  }
  return seen;
}
