import { newList, ordered, proofBySms } from './lists.js';
import { enter, played } from './register.js';
import { eventually, type University } from './university.js';

/** What a list cost that went from draft to the students. */
export interface Went {
  readonly rows: number;
  readonly saves: number;
  readonly letters: number;
  /** Of the workflow, as Temporal counts it, over all its runs. */
  readonly events: number;
  readonly bytes: number;
  readonly seconds: Readonly<Record<string, number>>;
  /** Of each save, in ms. */
  readonly saved: readonly number[];
}

/**
 * Takes a list of everybody on XX1000 from its making to the students, saved whole so many times on the way. Waits so long for
 * the register at each step.
 */
export async function wholeWay(at: University, saves: number, patienceMs = 60_000): Promise<Went> {
  const seconds: Record<string, number> = {};
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const done = await work();
    seconds[what] = Math.round((performance.now() - began) / 10) / 100;
    return done;
  };
  const must = (status: number, answer: { status: number; body: any }) => {
    if (answer.status !== status) throw new Error(`answered ${answer.status}: ${JSON.stringify(answer.body).slice(0, 300)}`);
    return answer.body;
  };
  const list = await newList(at, 'tove');
  const path = `/result-lists/${list.number}`;
  await timed('fetched', async () =>
    ordered(at, 'tove', await at.as('tove').post(`${path}/fetch`, { from: 'term', term: '20262' })),
  );
  const rows: { student: string }[] = [];
  for (let after: string | null = '0'; after !== null;) {
    const page: any = must(200, await at.as('tove').get(`${path}/rows?limit=100&after=${after}`));
    rows.push(...page.items);
    after = page.next;
  }
  const saved: number[] = [];
  let version = await list.version();
  await timed('saved', async () => {
    for (let turn = 0; turn < saves; turn += 1) {
      const given = rows.map((row, n) => ({
        student: row.student,
        grade: 'ABCDEF'[(n + turn) % 6],
        examinationDate: '2026-11-02',
        score: String((n + turn) % 50),
      }));
      const began = performance.now();
      version = must(200, await at.as('tove').post(`${path}/save`, { version, rows: given })).case.version;
      saved.push(performance.now() - began);
    }
  });
  await timed('sent', async () => must(200, await at.as('tove').post(`${path}/send`, { version })));
  await timed('signed', async () =>
    must(200, await at.as('eva').post(`${path}/sign`, { version, proof: await proofBySms(at, list) })),
  );
  await timed('printed and entered', () => enter(at, list));
  const inState = (state: string) =>
    eventually(`the list is ${state}`, async () => (await list.read()).state === state, patienceMs);
  await timed('registered', () => inState('registered'));
  await timed('attested and told', async () => {
    await played(at.simulators.ladok, '/__sim/attest-all');
    await inState('informed');
  });
  const handle = at.world.temporal.workflow.getHandle(`result-list/${list.number}`);
  await handle.result();
  const { historyLength: events, historySize: bytes, raw } = await handle.describe();
  if (raw.workflowExecutionInfo?.firstRunId !== raw.workflowExecutionInfo?.execution?.runId)
    throw new Error('it continued as new: events and bytes are those of one run only');
  const { id: caseId } = await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } });
  const letters = await at.world.db.outbox.count({ where: { caseId, channel: 'mail', state: 'done' } });
  return { rows: rows.length, saves, letters, events, bytes: bytes ?? Number.NaN, seconds, saved };
}
