import { afterEach, beforeEach, describe, expect, it } from '../spec.js';
import { fs, ProtocolChanged, type Fs } from '../../activities/fs.js';
import { FsStale } from '../../activities/fs/call.js';
import type { ComplaintFacts, ResultKey } from '../../activities/fs/terms.js';
import { PartnerRefused, PartnerUnavailable } from '../../activities/outbound.js';
import { fsSimulator, type FsSimulator } from '../simulators/fs.js';
import { fsInstitution } from '../simulators/fs/sample.js';
import { staff } from '../simulators/sample.js';

const unitOf = (course: string, combination: string, term: string, version = '1') => ({
  course,
  version,
  combination,
  year: 2026,
  term,
});
const june = unitOf('MAT1000', 'S', 'JUN');
const key: ResultKey = { unit: june, student: '100001' };
const received: ComplaintFacts = {
  received: '2026-06-20',
  deadline: '2026-07-11',
  sentToCommittee: null,
  committee: null,
  decision: null,
  communicated: null,
  finished: false,
  journalNumber: null,
  caseWorker: 'NE',
};
const complaint = { reference: 'complaint/4711', type: 'SENSUR', ...key, ...received } as const;
const grading = { ...key, grade: 'B', expects: 'C', reference: 'complaint/4711/g1', by: 'NE', on: '2026-07-02' };
const top: ResultKey = { unit: unitOf('FYS1100', 'T', 'HØST'), student: '100001' };
const written: ResultKey = { unit: unitOf('FYS1100', 'S', 'HØST'), student: '100001' };

describe('FS', () => {
  let simulated: FsSimulator;
  let url: string;
  let register: Fs;
  const open: (() => Promise<unknown>)[] = [];

  const fsAt = (more: { password?: string; timeoutMs?: number } = {}) => {
    const client = fs({
      baseUrl: url,
      user: 'fs-user',
      password: 'right',
      institution: fsInstitution,
      timeoutMs: 5_000,
      ...more,
    });
    open.push(client.close);
    return client;
  };
  beforeEach(async () => {
    simulated = fsSimulator({ user: 'fs-user', password: 'right' });
    const server = await simulated.listen();
    open.push(server.close);
    url = server.url;
    register = fsAt();
  });
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  const entryOf = ({ unit, student }: ResultKey) =>
    simulated.store.entries.find(
      (one) =>
        String(one.personlopenummer) === student &&
        one.vurderingsenhet.emnekode === unit.course &&
        one.vurderingsenhet.vurdkombkode === unit.combination &&
        one.vurderingsenhet.vurdtidkode === unit.term,
    )!;
  const writes = () => simulated.log.filter(({ method, path }) => method !== 'GET' && path !== '/graphql/');
  /** Does it once with the answer lost, and once more; a third time shows that nothing is left to do. */
  const afterLostAnswer = async (match: string, act: (client: Fs) => Promise<unknown>) => {
    simulated.faults.push({ match, effect: 'timeout-after-commit', times: 1, ms: 1_500 });
    await expect(act(fsAt({ timeoutMs: 1_000 }))).rejects.toMatchObject({ name: 'PartnerUnavailable', reason: 'timeout' });
    await act(register);
    await act(register);
  };

  it('GC-02 tells what the protocol holds about a result, and nothing of one it does not hold', async () => {
    expect(await register.protocolEntry(key)).toEqual({
      id: 'p-1',
      etag: expect.stringMatching(/^".+"$/),
      grade: 'C',
      passed: true,
      gradedOn: '2026-06-12',
      candidate: '0001',
      top: null,
      diploma: null,
      blocked: false,
      changedBy: null,
      examiners: staff.filter(({ login }) => ['eva', 'erik'].includes(login)).map(({ id }) => id),
      scale: { kind: 'letters', ordered: true, grades: [...'ABCDEF'].map((grade) => ({ grade, passing: grade !== 'F' })) },
    });
    expect(await register.protocolEntry({ ...key, student: '999999' })).toBeUndefined();
    expect(await register.protocolEntry({ ...key, unit: { ...june, year: 2025 } })).toBeUndefined();
  });

  it('GC-47 tells the place and campus of a course and the real time of a part, where FS tells them', async () => {
    const part = { course: 'FYS1100', version: '1', combination: 'P', year: 2026, term: 'HØST' };
    expect(await register.protocolEntry({ ...key, unit: part })).toMatchObject({
      place: { code: '631520', name: 'Institutt for fysikk' },
      campus: 'GLØSHAUGEN',
      realTime: { year: 2026, term: 'NOV' },
    });
    for (const field of ['place', 'campus', 'realTime']) expect(await register.protocolEntry(key)).not.toHaveProperty(field);
  });

  it('GC-20 reads B as a pass in both scales, and the fail of each as a fail', async () => {
    const pass = async (unit: ResultKey['unit'], student: string) => {
      const { grade, passed, scale } = (await register.protocolEntry({ unit, student }))!;
      return [scale.kind, grade, passed];
    };
    expect(await pass(june, '100002')).toEqual(['letters', 'B', true]);
    expect(await pass(june, '100006')).toEqual(['letters', 'F', false]);
    expect(await pass(unitOf('HMS0001', 'H', 'HØST'), '100001')).toEqual(['passed-failed', 'B', true]);
    expect(await pass(unitOf('HMS0001', 'H', 'HØST'), '100002')).toEqual(['passed-failed', 'S', false]);
  });

  it('GC-32 tells a scale with an order of its own from one without', async () => {
    const scaleOf = async (unit: ResultKey['unit']) => (await register.protocolEntry({ unit, student: '100001' }))!.scale;
    expect(await scaleOf(unitOf('SPR2000', 'M', 'HØST', '2'))).toMatchObject({
      kind: 'other',
      ordered: true,
      grades: [{ grade: 'Utmerket', passing: true }, {}, {}, { grade: 'Stryk', passing: false }],
    });
    expect(await scaleOf(unitOf('MUS3000', 'U', 'HØST'))).toMatchObject({ kind: 'other', ordered: false });
  });

  it('GC-05 tells of a diploma that is produced, and of one that is printed', async () => {
    const diplomaOf = async (student: string) =>
      (await register.protocolEntry({ unit: unitOf('MAT1000', 'S', 'HØST'), student }))?.diploma;
    expect([await diplomaOf('100003'), await diplomaOf('100004'), await diplomaOf('100005')]).toEqual([
      null,
      'printed',
      'produced',
    ]);
  });

  it('GC-26 tells which unit a part grade is summed into', async () => {
    expect((await register.protocolEntry(written))?.top).toEqual(top.unit);
    expect((await register.protocolEntry(top))?.top).toBeNull();
  });

  it('GC-47 tells who offers a course, where, and when a part was really assessed', async () => {
    expect(await register.protocolEntry({ unit: unitOf('FYS1100', 'P', 'HØST'), student: '100001' })).toMatchObject({
      place: { code: '631520', name: 'Institutt for fysikk' },
      campus: 'GLØSHAUGEN',
      realTime: { year: 2026, term: 'NOV' },
    });
  });

  it('knows courses and students of its institution by name, in GraphQL', async () => {
    expect(await register.course(june)).toEqual({ nb: 'Innføring i matematikk', en: 'Introduction to mathematics' });
    expect(await register.course({ course: 'SPR2000', version: '2' })).toEqual({
      nb: 'Muntlig framføring',
      en: 'Muntlig framføring',
    });
    expect(await register.course({ course: 'SPR2000', version: '1' })).toBeUndefined();
    expect(await register.student('100004')).toEqual({
      givenName: 'Lars',
      surname: 'Åsheim',
      email: 'student100004@student.uni.example',
      language: 'en',
      personNumber: expect.stringMatching(/^048199\d{5}$/),
    });
    expect(await register.student('1')).toBeUndefined();
    const elsewhere = fs({ baseUrl: `${url}/`, user: 'fs-user', password: 'right', institution: '1' });
    open.push(elsewhere.close);
    expect(await elsewhere.course(june)).toBeUndefined();
  });

  it('takes errors of GraphQL with status 200 for what they are', async () => {
    simulated.faults.push({ match: 'POST /graphql/', effect: 'graphql-errors', times: 1 });
    await expect(register.course(june)).rejects.toMatchObject({
      name: 'PartnerRefused',
      status: 400,
      message: 'fs refused (400)',
    });
    simulated.faults.push({ match: 'POST /graphql/', effect: 'graphql-half', times: 1 });
    await expect(register.course(june)).rejects.toMatchObject({ name: 'PartnerUnavailable', reason: 'malformed' });
  });

  it('GC-04 registers a complaint once, and finds it again by our reference', async () => {
    expect(await register.complaint(complaint.reference)).toBeUndefined();
    const made = await register.registerComplaint(complaint);
    expect(made).toEqual({ id: 'k-1', reference: complaint.reference, ...received });
    expect(await register.registerComplaint(complaint)).toEqual(made);
    expect(await register.complaint(complaint.reference)).toEqual(made);
    expect(simulated.store.complaints).toHaveLength(1);
    expect(simulated.store.complaints[0]).toMatchObject({
      klagetype: 'SENSUR',
      ferdigbehandlet: 'N',
      vurderingsenhet: { emnekode: 'MAT1000' },
    });
  });

  it('registers a complaint whose answer was lost once', async () => {
    await afterLostAnswer('POST /fs-sim/v1/klager', (client) => client.registerComplaint(complaint));
    expect(simulated.store.complaints).toHaveLength(1);
  });

  it('does not believe an answer about another complaint', async () => {
    await register.registerComplaint(complaint);
    simulated.faults.push({ match: 'GET /fs-sim/v1/klager', effect: 'deaf-filter' });
    await expect(register.registerComplaint({ ...complaint, reference: 'complaint/4712' })).rejects.toMatchObject({
      name: 'PartnerUnavailable',
      reason: 'malformed',
    });
    expect(simulated.store.complaints).toHaveLength(1);
  });

  it('GC-21 changes what FS keeps of a complaint, and sends nothing when it stands so already', async () => {
    const { id } = await register.registerComplaint(complaint);
    const facts = {
      decision: 'TIL GUNST',
      communicated: '2026-07-02',
      finished: true,
      committee: 2,
      sentToCommittee: '2026-06-22',
      journalNumber: '2026/12',
    } as const;
    expect(await register.changeComplaint({ id, facts })).toEqual({ id, reference: complaint.reference, ...received, ...facts });
    expect(simulated.store.complaints[0]).toMatchObject({
      vedtak: 'TIL GUNST',
      ferdigbehandlet: 'J',
      vedtakFormidletDato: '2026-07-02',
      kommisjonsnr: 2,
    });
    const before = writes().length;
    await register.changeComplaint({ id, facts });
    expect(writes()).toHaveLength(before);
    await afterLostAnswer('PATCH *', (client) => client.changeComplaint({ id, facts: { deadline: '2026-07-20' } }));
    expect(writes()).toHaveLength(before + 1);
  });

  it('writes nothing over what somebody changed meanwhile', async () => {
    const { id } = await register.registerComplaint(complaint);
    simulated.faults.push({ match: 'PATCH *', effect: 'stale-etag', times: 3 });
    await expect(register.changeComplaint({ id, facts: { finished: true } })).rejects.toBeInstanceOf(FsStale);
    await expect(register.enterGrade(grading)).rejects.toBeInstanceOf(FsStale);
    await expect(register.block({ ...key, blocked: true })).rejects.toBeInstanceOf(FsStale);
    expect(entryOf(key)).toMatchObject({ karakter: 'C', sperretMotVisning: 'N' });
    await register.enterGrade(grading);
    expect(entryOf(key).karakter).toBe('B');
  });

  it('GC-18 enters a grade into the protocol with change status KLAGE, and FS sets the mark', async () => {
    await register.enterGrade({ ...grading, grade: 'F' });
    expect(entryOf(key)).toMatchObject({
      karakter: 'F',
      status: 'S',
      endring: { endringsstatus: 'KLAGE', endretAv: 'NE', endretDato: '2026-07-02' },
    });
    expect(await register.protocolEntry(key)).toMatchObject({ grade: 'F', passed: false, changedBy: grading.reference });
  });

  it('GC-19 enters an unchanged grade as well, once', async () => {
    await afterLostAnswer('PATCH *', (client) => client.enterGrade({ ...grading, grade: 'C' }));
    expect(entryOf(key)).toMatchObject({ karakter: 'C', endring: { endringsstatus: 'KLAGE' } });
    expect(writes()).toHaveLength(1);
  });

  it('enters a grade whose answer was lost once', async () => {
    await afterLostAnswer('PATCH *', (client) => client.enterGrade(grading));
    expect(writes()).toHaveLength(1);
  });

  it('GC-18 writes over no grade that the exam office entered by hand, before or after', async () => {
    const byHand = (karakter: string) =>
      fetch(`${url}/__sim/protokoll/${encodeURIComponent('MAT1000,1,S,2026,JUN,100001')}`, {
        method: 'PATCH',
        body: JSON.stringify({ karakter }),
      });
    await byHand('D');
    await expect(register.enterGrade(grading)).rejects.toBeInstanceOf(ProtocolChanged);
    await byHand('C');
    await register.enterGrade(grading);
    for (const karakter of ['C', 'A']) {
      await byHand(karakter);
      await expect(register.enterGrade(grading)).rejects.toBeInstanceOf(ProtocolChanged);
    }
    expect(entryOf(key).karakter).toBe('A');
    await expect(register.enterGrade({ ...grading, student: '999999' })).rejects.toBeInstanceOf(ProtocolChanged);
  });

  it('GC-31 finds the very grade that somebody entered there by hand, and writes nothing; an unchanged one is entered all the same', async () => {
    const byHand = (karakter: string) =>
      fetch(`${url}/__sim/protokoll/${encodeURIComponent('MAT1000,1,S,2026,JUN,100001')}`, {
        method: 'PATCH',
        body: JSON.stringify({ karakter }),
      });
    await byHand(grading.grade);
    const before = writes().length;
    expect(await register.enterGrade(grading)).toBe('found');
    expect(writes()).toHaveLength(before);
    expect(await register.enterGrade({ ...grading, expects: grading.grade })).toBe('entered');
    expect(writes()).toHaveLength(before + 1);
  });

  it('is refused a grade that the scale does not have', async () => {
    await expect(register.enterGrade({ ...grading, grade: 'S' })).rejects.toMatchObject({ name: 'PartnerRefused', status: 422 });
  });

  it('GC-43 blocks a result and lifts the block, each once', async () => {
    await afterLostAnswer('PATCH *', (client) => client.block({ ...key, blocked: true }));
    expect((await register.protocolEntry(key))?.blocked).toBe(true);
    expect(entryOf(key).karakter).toBe('C');
    await register.block({ ...key, blocked: false });
    expect((await register.protocolEntry(key))?.blocked).toBe(false);
    expect(writes()).toHaveLength(2);
  });

  it('GC-45 postpones a diploma, moves the date and takes it back, and leaves that of another complaint alone', async () => {
    const mine = { student: '100001', reference: 'complaint/4711', note: 'Klage på karakter' };
    const other = { ...mine, reference: 'complaint/4712' };
    await register.postponeDiploma({ ...other, until: '2026-07-01' });
    await afterLostAnswer('PUT *', (client) => client.postponeDiploma({ ...mine, until: '2026-07-11' }));
    await register.postponeDiploma({ ...mine, until: '2026-07-20' });
    expect(simulated.store.notes['100001/complaint/4711']).toEqual({ dato: '2026-07-20', merknad: 'Klage på karakter' });
    expect(writes()).toHaveLength(3);
    await afterLostAnswer('DELETE *', (client) => client.postponeDiploma({ ...mine, until: null }));
    expect(Object.keys(simulated.store.notes)).toEqual(['100001/complaint/4712']);
    expect(writes()).toHaveLength(4);
  });

  const part = { ...written, grade: 'A', expects: 'C', reference: 'complaint/1/g', by: 'NE', on: '2026-12-01' };
  const whole = { ...top, expects: 'C', by: 'NE', on: '2026-12-01', reference: 'complaint/1/r' };

  it('GC-28 shows in a trial what a new calculation of the top would change, and writes nothing', async () => {
    await register.enterGrade({ ...part, grade: 'B' });
    expect(await register.trial(top)).toEqual([{ unit: top.unit, before: 'C', after: 'C' }]);
    await register.enterGrade({ ...part, grade: 'F', expects: 'B', reference: 'complaint/1/h' });
    expect(await register.trial(top)).toEqual([{ unit: top.unit, before: 'C', after: 'F' }]);
    expect(entryOf(top)).toMatchObject({ karakter: 'C', endring: null });
  });

  it('GC-27 calculates the top anew with change status KLAGE, once', async () => {
    await register.enterGrade({ ...part, grade: 'F' });
    await expect(register.recalculate(whole)).rejects.toBeInstanceOf(ProtocolChanged);
    expect(entryOf(top).karakter).toBe('C');
    simulated.faults.push({ match: '*', effect: 'lost-calculation', times: 1 });
    await expect(register.recalculate({ ...whole, expects: 'F' })).rejects.toBeInstanceOf(PartnerUnavailable);
    const reordered = { term: 'HØST', year: 2026, version: '1', combination: 'T', course: 'FYS1100' };
    expect(await register.recalculate({ ...whole, unit: reordered, expects: 'F' })).toEqual([
      { unit: top.unit, before: 'F', after: 'F' },
    ]);
    expect(entryOf(top).versjon).toBe(2);
    expect(entryOf(top)).toMatchObject({
      karakter: 'F',
      status: 'S',
      endring: { endringsstatus: 'KLAGE', eksternReferanse: whole.reference },
    });
  });

  it('is refused a calculation of what has no parts', async () => {
    await expect(register.trial(key)).rejects.toMatchObject({ name: 'PartnerRefused', status: 422 });
  });

  it.each(['500', '502-html', '429', 'malformed', 'timeout-before'])(
    'writes nothing while FS answers with %s',
    async (effect) => {
      simulated.faults.push({ match: '*', effect, ms: 1_500 });
      const hasty = fsAt({ timeoutMs: 1_000 });
      const calls = [
        () => hasty.protocolEntry(key),
        () => hasty.course(june),
        () => hasty.student('100001'),
        () => hasty.registerComplaint(complaint),
        () => hasty.changeComplaint({ id: 'k-1', facts: {} }),
        () => hasty.enterGrade(grading),
        () => hasty.block({ ...key, blocked: true }),
        () => hasty.postponeDiploma({ student: '100001', reference: 'r', until: '2026-07-11', note: '' }),
        () => hasty.trial(top),
        () => hasty.recalculate(whole),
        () => hasty.probe(),
      ];
      await Promise.all(calls.map((call) => expect(call()).rejects.toBeInstanceOf(PartnerUnavailable)));
      simulated.faults.length = 0;
      await expect(register.probe()).resolves.toBeUndefined();
      expect(simulated.store.complaints).toEqual([]);
      expect(entryOf(key)).toMatchObject({ karakter: 'C', sperretMotVisning: 'N' });
    },
  );

  it('is refused with wrong credentials, and says nothing about anybody', async () => {
    const stranger = fsAt({ password: 'wrong' });
    for (const call of [() => stranger.probe(), () => stranger.protocolEntry(key)]) {
      const error = (await call().catch((refused: unknown) => refused)) as PartnerRefused;
      expect(error).toBeInstanceOf(PartnerRefused);
      expect(error.message).toBe('fs refused (401)');
    }
  });
});
