import pg from 'pg';
import type { BenchList } from './lists.js';
import { samplesOf, timed, type Samples } from './samples.js';

/**
 * Saving all rows of a list over HTTP, by turns with a plain transaction that writes as many rows of another list: one statement
 * over all rows, and row by row, as it is written without thinking about it. Goals are judged against the first, the stricter
 * one.
 */
export async function edits(input: {
  lists: readonly [saved: BenchList, written: BenchList];
  quiet: () => Promise<void>;
  url: string;
  samples: number;
}): Promise<{ plain: Samples; rowByRow: Samples; registrar: Samples }> {
  const [saved, written] = input.lists;
  await saved.home();
  await input.quiet();
  const db = new pg.Client({ connectionString: input.url });
  db.on('error', () => undefined);
  await db.connect();
  const { rows: students } = await db.query('SELECT student_uid FROM result_rows WHERE case_id = $1', [written.id]);
  const given = (turn: number) =>
    students.map(({ student_uid: s }, n) => ({ s, g: 'ABCDEF'[(n + turn) % 6], d: '2026-11-02', p: String((n + turn) % 50) }));
  const transaction = async (work: () => Promise<unknown>) => {
    await db.query('BEGIN');
    await work();
    await db.query('COMMIT');
  };
  const [plain, rowByRow, registrar]: [number[], number[], number[]] = [[], [], []];
  for (let n = 0; n < input.samples + 10; n += 1) {
    const rows = given(n);
    const oneStatement = await timed(() =>
      transaction(() =>
        db.query(
          `
      UPDATE result_rows r SET grade = n.g, examination_date = n.d, score = n.p
      FROM jsonb_to_recordset($1::jsonb) AS n(s uuid, g text, d date, p text) WHERE r.case_id = $2 AND r.student_uid = n.s`,
          [JSON.stringify(rows), written.id],
        ),
      ),
    );
    const each = await timed(() =>
      transaction(async () => {
        for (const row of rows)
          await db.query(
            'UPDATE result_rows SET grade = $1, examination_date = $2, score = $3 WHERE case_id = $4 AND student_uid = $5',
            [row.g, row.d, row.p, written.id, row.s],
          );
      }),
    );
    const save = await timed(() => saved.save());
    if (n < 10) continue;
    plain.push(oneStatement);
    rowByRow.push(each);
    registrar.push(save);
  }
  await db.end();
  return { plain: samplesOf(plain), rowByRow: samplesOf(rowByRow), registrar: samplesOf(registrar) };
}
