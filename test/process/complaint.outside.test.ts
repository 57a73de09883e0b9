import { afterAll, afterEach, beforeAll, describe, expect, it } from '../spec.js';
import {
  assessedAnew,
  complaintIn,
  complaintInHand,
  confirmed,
  graded,
  inFs,
  mathematics,
  opened,
  protocolOf,
  settled,
  studentMails,
  taken,
  unitOf,
  type ComplaintInHand,
} from '../support/complaints.js';
import { eventually, openUniversity, type University } from '../support/university.js';

describe('a complaint when FS or the archive fails', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterEach(() => {
    at.simulators.fs.faults.length = 0;
    at.simulators.archive.faults.length = 0;
  });
  afterAll(() => at?.close());

  const notices = async (complaint: ComplaintInHand): Promise<string[]> =>
    (await complaint.read()).notices.map(({ code }: { code: string }) => code);
  const resultMails = async (student: string) =>
    (await studentMails(at, student)).filter(({ subject }) => subject.startsWith('Sensurvarsel')).length;
  const changes = ({ number }: ComplaintInHand) =>
    at.world.db.$queryRaw<
      unknown[]
    >`SELECT g.id FROM complaint_gradings g JOIN cases c ON c.id = g.case_id WHERE c.number = ${BigInt(number)} AND g.in_protocol_at IS NOT NULL`;
  const problems = ({ number }: ComplaintInHand) =>
    at.world.db.$queryRaw<
      { problem: string }[]
    >`SELECT o.problem FROM outbox o JOIN cases c ON c.id = o.case_id WHERE c.number = ${BigInt(number)} AND o.state = 'pending' AND o.problem IS NOT NULL`;
  const kept = ({ number }: ComplaintInHand) =>
    at.simulators.archive.of('saksmappe').filter(({ tittel }) => String(tittel).endsWith(` ${number}`));

  it('GC-18 waits while FS is down, says so, tells nobody anything, and enters the grade once when it is back', async () => {
    const complaint = await assessedAnew(at, { student: '100002' });
    await settled(complaint);
    at.simulators.fs.faults.push({ match: '*', effect: '500' });
    await taken(complaint, 'siri', 'register-grade', { grade: 'A' });
    await eventually('FS is known to be down', async () => (await notices(complaint)).includes('fs-down'));
    expect(await complaint.read()).toMatchObject({
      state: 'registering',
      stateText: expect.stringContaining('FS'),
      needsAttention: false,
      promised: { pending: 1 },
    });
    expect(await problems(complaint)).toEqual([{ problem: 'fs-unavailable' }]);
    expect([protocolOf(at, '100002').karakter, await resultMails('100002'), await changes(complaint)]).toEqual(['B', 0, []]);
    at.simulators.fs.faults.length = 0;
    await complaintIn(complaint, 'to-check');
    await settled(complaint);
    expect(protocolOf(at, '100002')).toMatchObject({ karakter: 'A', versjon: 2 });
    expect([await resultMails('100002'), (await changes(complaint)).length, inFs(at, complaint)?.['ferdigbehandlet']]).toEqual([
      1,
      1,
      'J',
    ]);
    expect(await notices(complaint)).not.toContain('fs-down');
  });

  it('GC-18 enters once a grade whose answer was lost, or which somebody in FS was quicker to touch', async () => {
    const complaint = await assessedAnew(at, { student: '100003' });
    await settled(complaint);
    at.simulators.fs.faults.push({ match: 'PATCH /fs-sim/v1/protokoll/*', effect: 'timeout-after-commit', times: 1, ms: 10 });
    await graded(complaint, 'B');
    const other = await assessedAnew(at, { student: '100007' });
    await settled(other);
    at.simulators.fs.faults.push({ match: 'PATCH /fs-sim/v1/protokoll/*', effect: 'stale-etag', times: 1 });
    await graded(other, 'D');
    for (const one of [complaint, other]) await settled(one);
    expect([protocolOf(at, '100003'), protocolOf(at, '100007')]).toMatchObject([
      { karakter: 'B', versjon: 2 },
      { karakter: 'D', versjon: 3 },
    ]);
    expect([await resultMails('100003'), await resultMails('100007')]).toEqual([1, 1]);
  });

  it('GC-10 goes on while the archive is down; nothing is lost, nothing is there twice, and FS hears of it once', async () => {
    at.simulators.archive.faults.push({ match: '*', effect: '502-html' });
    at.simulators.fs.faults.push({ match: 'POST /fs-sim/v1/klager', effect: 'timeout-after-commit', times: 1, ms: 10 });
    const complaint = await confirmed(at, { student: '100008' });
    await eventually('FS has the complaint', async () => inFs(at, complaint));
    await eventually('the archive is known to be down', async () => (await notices(complaint)).includes('archive-down'));
    expect(await complaint.read()).toMatchObject({ state: 'received', promised: { pending: 1 } });
    expect((await complaint.read()).data.journalNumber).toBeUndefined();
    await taken(complaint, 'siri', 'protect', { choice: 'block', reason: 'The student applies for admission' });
    await eventually('the result is blocked', async () => protocolOf(at, '100008').sperretMotVisning === 'J');
    at.simulators.archive.faults.length = 0;
    at.simulators.archive.faults.push({ match: 'POST /api/*/n/saksmappe/*', effect: 'timeout-after-commit', times: 1, ms: 10 });
    await settled(complaint);
    const { journalNumber } = (await complaint.read()).data;
    const [file] = kept(complaint);
    expect(journalNumber).toBe(`${String(file?.['saksaar'])}/${String(file?.['sakssekvensnummer'])}`);
    expect(inFs(at, complaint)?.['journalnr']).toBe(journalNumber);
    expect([
      kept(complaint).length,
      at.simulators.fs.store.complaints.filter((one) => one['eksternReferanse'] === `complaint/${complaint.number}`).length,
    ]).toEqual([1, 1]);
  });

  it('GC-18 stops before a protocol that somebody changed, and goes on when a person has looked', async () => {
    const complaint = await assessedAnew(at, { student: '100009' });
    await settled(complaint);
    const byHand = (karakter: string) =>
      at.simulators.fs.app.request(`/__sim/protokoll/${encodeURIComponent('MAT1000,1,S,2026,HØST,100009')}`, {
        method: 'PATCH',
        body: JSON.stringify({ karakter }),
      });
    const before = protocolOf(at, '100009').karakter;
    await byHand('D');
    await taken(complaint, 'siri', 'register-grade', { grade: 'A' });
    expect(await complaintIn(complaint, 'not-entered')).toMatchObject({ needsAttention: true, waitingFor: 'case-worker' });
    expect([protocolOf(at, '100009').karakter, await resultMails('100009')]).toEqual(['D', 0]);
    await byHand(before);
    await taken(complaint, 'siri', 'enter-again');
    await complaintIn(complaint, 'to-check');
    expect(protocolOf(at, '100009').karakter).toBe('A');
  });

  const byHandIn = (student: string, karakter: string) =>
    at.simulators.fs.app.request(`/__sim/protokoll/${encodeURIComponent(`MAT1000,1,S,2026,HØST,${student}`)}`, {
      method: 'PATCH',
      body: JSON.stringify({ karakter }),
    });

  it('GC-31 takes over what the exam office has entered in FS itself, and tells the student anew', async () => {
    const complaint = await assessedAnew(at, { student: '100001' });
    await settled(complaint);
    await graded(complaint, 'B');
    await settled(complaint);
    await taken(complaint, 'siri', 'report-wrong', { reason: 'Typed B for D' });
    await settled(complaint);
    await byHandIn('100001', 'D');
    const { versjon } = protocolOf(at, '100001');
    await taken(complaint, 'egil', 'correct', { grade: 'D' });
    await complaintIn(complaint, 'to-check');
    await settled(complaint);
    expect(protocolOf(at, '100001').karakter).toBe('D');
    expect(protocolOf(at, '100001').endring).not.toMatchObject({
      eksternReferanse: (await complaint.read()).data.entering.grading,
    });
    expect(protocolOf(at, '100001').versjon).toBe(versjon);
    expect(await resultMails('100001')).toBe(2);
    expect(await at.world.db.auditEntry.count({ where: { entry: { contains: 'foundInProtocol' } } })).toBe(1);
  });

  it('GC-30 goes back to the committee when the first grade was put right in FS, and is decided beside that', async () => {
    const complaint = await assessedAnew(at, { student: '100006' });
    await settled(complaint);
    await byHandIn('100006', 'D');
    await taken(complaint, 'siri', 'register-grade', { grade: 'E' });
    await complaintIn(complaint, 'not-entered');
    await taken(complaint, 'siri', 'delete-grade', { reason: 'The first grade was put right' });
    expect(await complaint.read()).toMatchObject({ state: 'with-committee', due: expect.anything() });
    await settled(complaint);
    expect((await complaint.file()).firstAssessment.grade).toBe('D');
    await graded(complaint, 'E');
    expect(protocolOf(at, '100006').karakter).toBe('E');
    expect((await complaint.read()).data.decision).toBe('against');
  });

  const troubled = async ({ number }: ComplaintInHand): Promise<{ id: string; problem: string }[]> =>
    (await at.as('siri').get(`/complaints/${number}/deliveries`)).body.items;
  const mended = ({ number }: ComplaintInHand, { id }: { id: string }, how: string) =>
    at.as('siri').post(`/complaints/${number}/deliveries/${id}/${how}`);

  it('asks for attention when FS says no for good, and does it when a person has mended it and sends it again', async () => {
    const { fs } = at.simulators;
    const persons = fs.store.persons.filter(({ personlopenummer }) => personlopenummer !== 100_011);
    const complaint = await confirmed(at, { student: '100011' });
    await settled(complaint);
    const everybody = fs.store.persons;
    fs.store.persons = persons;
    await taken(complaint, 'siri', 'protect', { choice: 'postponement', reason: 'The diploma is about to be made' });
    const [refused] = await eventually('FS has refused', async () => {
      const found = await troubled(complaint);
      return found.length > 0 && found;
    });
    expect([refused, (await complaint.read()).needsAttention]).toMatchObject([
      { problem: 'refused-by-fs', problemText: 'FS sa nei. Rett det som er feil der eller i saken, og prøv på nytt.' },
      true,
    ]);
    fs.store.persons = everybody;
    expect((await mended(complaint, refused!, 'send-again')).status).toBe(200);
    await settled(complaint);
    expect(fs.store.notes[`100011/complaint/${complaint.number}`]).toMatchObject({ dato: (await complaint.read()).due.on });
    expect((await complaint.read()).needsAttention).toBe(false);
  });

  it('GC-18 looks in FS before it tells a grade that a person says was entered there by hand while FS was away for days', async () => {
    const complaint = await assessedAnew(at, { student: '100012' });
    await settled(complaint);
    at.simulators.fs.faults.push({ match: '*', effect: '500' });
    await taken(complaint, 'siri', 'register-grade', { grade: 'D' });
    await eventually('it was tried', async () => (await problems(complaint)).length > 0);
    await at.world.db
      .$executeRaw`UPDATE outbox SET created_at = created_at - interval '4 days' WHERE state IN ('pending', 'claimed') AND channel = 'order'`;
    const [given] = await eventually('it is given up', async () => {
      const found = await troubled(complaint);
      return found.length > 0 && found;
    });
    at.simulators.fs.faults.length = 0;
    expect([given?.problem, (await complaint.read()).state]).toEqual(['fs-unavailable', 'registering']);
    expect((await mended(complaint, given!, 'settled')).status).toBe(200);
    expect(await complaintIn(complaint, 'not-entered')).toMatchObject({ needsAttention: true });
    expect([protocolOf(at, '100012').versjon, await resultMails('100012')]).toEqual([1, 0]);
    await byHandIn('100012', 'D');
    const { versjon } = protocolOf(at, '100012');
    await taken(complaint, 'egil', 'enter-again');
    await complaintIn(complaint, 'to-check');
    await settled(complaint);
    expect([protocolOf(at, '100012').versjon, await resultMails('100012')]).toEqual([versjon, 1]);
  });

  it('GC-02 says that the protocol holds no such result, and reads it when it does', async () => {
    const unit = unitOf('MAT1000', 'M');
    const complaint = await opened(at, { student: '100010', unit });
    expect(await complaint.read()).toMatchObject({ state: 'to-confirm', needsAttention: true });
    expect((await complaint.give('siri', 'confirm')).body).toMatchObject({ rule: 'GC-02', code: 'protocol-not-read' });
    const { fs } = at.simulators;
    fs.store.entries.push({
      ...protocolOf(at, '100010', mathematics),
      id: 'p-new',
      vurderingsenhet: { emnekode: 'MAT1000', versjonskode: '1', vurdkombkode: 'M', arstall: 2026, vurdtidkode: 'HØST' },
    });
    fs.faults.push({ match: 'GET /fs-sim/v1/protokoll/*', effect: 'malformed', times: 1 });
    await taken(complaint, 'siri', 'read-again');
    await eventually('the protocol is read', async () => (await complaint.read()).data.entry);
    expect(await complaintInHand(at, complaint.number).read()).toMatchObject({ state: 'to-confirm', needsAttention: false });
  });
});
