import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { complaintStore } from '../../activities/complaint/store.js';
import { readCase } from '../../activities/case/case-row.js';
import type { ComplaintData } from '../../workflows/complaint/complaint.js';
import type { CaseView } from '../../workflows/process.js';
import { anEntry } from '../support/complaint-asks.js';
import { kept } from '../support/complaint-rows.js';
import { sealedCommand } from '../support/envelopes.js';
import { openUniversity, personOf, type University } from '../support/university.js';

type Row = Awaited<ReturnType<typeof kept>>;

describe('two complaints about one result', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at?.close());

  const base = () => at.world.db;
  let student = 300_000;
  const set = (id: string, state: string, data: Partial<ComplaintData>) =>
    base().$executeRaw`UPDATE cases SET state = ${state}, data = data || ${JSON.stringify(data)}::jsonb WHERE id = ${id}::uuid`;

  /**
   * A complaint that has the result blocked, and waits for the exam office; what the protocol says of a block when it is read.
   */
  async function blocking(number: string, state: string, blocked: boolean): Promise<Row> {
    const complaint = await kept(at, personOf('siri').id, {
      state: 'opened',
      student: { number },
      data: { entry: undefined as never },
    });
    const entry: object = anEntry({ blocked });
    await base().complaintEntry.create({ data: { caseId: complaint.id, entry, readAt: new Date() } });
    await base().order.create({
      data: {
        id: randomUUID(),
        caseId: complaint.id,
        name: 'read-protocol',
        body: {},
        orderedBy: personOf('siri').id,
        orderedAt: new Date(),
        state: 'done',
      },
    });
    const read = await at.world.commits.advance({
      caseId: complaint.id,
      command: 'protocol-read',
      step: 0,
      at: new Date().toISOString(),
    });
    expect(read.outcome).toMatchObject({ status: 'done', case: { state: 'to-confirm' } });
    await set(complaint.id, state, {
      protection: 'block',
      blocked: true,
      finished: true,
      decision: state === 'to-lift' ? 'dismissed' : 'unchanged',
    });
    return complaint;
  }

  /** Two of them. `before`: a block of somebody else, before them both. */
  async function two(state = 'to-check', before = false): Promise<readonly [Row, Row]> {
    const number = String((student += 1));
    return [await blocking(number, state, before), await blocking(number, state, true)];
  }

  const ends = async (complaint: Row, command = 'check') => {
    const envelope = await sealedCommand(at, { list: complaint, command, login: 'egil', body: {} });
    expect((await at.world.commits.decide({ envelope, at: new Date().toISOString() }))?.outcome).toMatchObject({
      status: 'done',
    });
  };
  const lifts = async (complaints: readonly Row[]) =>
    (await base().order.findMany({ where: { caseId: { in: complaints.map(({ id }) => id) }, name: 'block' } })).map(
      ({ body }) => body,
    );

  it('GC-42 leave no block behind, whichever is checked first', async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ] as const) {
      const complaints = await two();
      await ends(complaints[order[0]]);
      expect(await lifts(complaints)).toEqual([]);
      await ends(complaints[order[1]]);
      expect(await lifts(complaints)).toEqual([{ blocked: false }]);
    }
  });

  it('GC-42 leave a block that was there before them both', async () => {
    const complaints = await two('to-check', true);
    for (const complaint of complaints) await ends(complaint);
    expect(await lifts(complaints)).toEqual([]);
  });

  it.each([
    ['check', 'to-check'],
    ['lift-block', 'to-lift'],
  ])('GC-42 leave none behind when each is ended by %s at the same time', async (command, state) => {
    for (let round = 0; round < 6; round += 1) {
      const complaints = await two(state);
      await Promise.all(complaints.map((complaint) => ends(complaint, command)));
      expect(await lifts(complaints)).toEqual([{ blocked: false }]);
    }
  });

  it('GC-04 ask for attention while nobody can explain, also when a letter of theirs was mended', async () => {
    const complaint = await kept(at, personOf('siri').id, {
      state: 'explaining',
      data: { type: 'explanation' },
      student: { number: '300900' },
    });
    const asks = async () => complaintStore.obstacle(base(), (await readCase(base(), { id: complaint.id }))?.subject as CaseView);
    const somebody = await asks();
    await base().$executeRaw`UPDATE cases SET scope = 'XX9999' WHERE id = ${complaint.id}::uuid`;
    expect([somebody, await asks()]).toEqual([false, true]);
  });
});
