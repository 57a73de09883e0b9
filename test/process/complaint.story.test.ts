import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { handOver } from '../../activities/exchange/source.js';
import { verifyChain } from '../../activities/audit.js';
import { addDays, addWeeks, dayOf } from '../../workflows/rules/civil-time.js';
import {
  complaintIn,
  complaintInHand,
  confirmed,
  assessedAnew,
  graded,
  inFs,
  mathematics,
  members,
  opened,
  protocolOf,
  settled,
  studentMails,
  taken,
  toCommittee,
  toFurther,
  unitOf,
} from '../support/complaints.js';
import { setFor } from '../support/exchange.js';
import { mailTo, ordered } from '../support/lists.js';
import { auditOf, newcomer, swept } from '../support/staff.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

describe('a complaint', () => {
  let at: University;
  const today = () => dayOf(new Date().toISOString(), 'Europe/Stockholm');
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at?.close());

  const no = ({ status, body }: { status: number; body: any }) => [status, body.rule, body.code];
  const mailsOf = async (login: string) => mailTo(at, personOf(login).email);

  it('GC-23 goes from receipt to a decision that the exam office has checked', async () => {
    const complaint = await opened(at, { student: '100001', reasons: 'Oppgave 3 er riktig' });
    expect(await complaint.read()).toMatchObject({
      state: 'to-confirm',
      waitingFor: 'case-worker',
      data: {
        type: 'grading',
        received: today(),
        initials: 'SS',
        finished: false,
        procedure: 'usual',
        entry: { courseNameNb: 'Innføring i matematikk', gradedOn: '2026-11-16', scale: { kind: 'letters' } },
      },
      commands: expect.arrayContaining([expect.objectContaining({ name: 'confirm' })]),
    });
    expect((await complaint.file()).student).toEqual({
      number: '100001',
      candidate: '0001',
      givenName: 'Kari',
      surname: 'Eksempel',
    });
    expect((await complaint.file()).firstAssessment).toMatchObject({
      grade: 'C',
      reasons: 'Oppgave 3 er riktig',
      explanation: null,
    });
    await taken(complaint, 'siri', 'confirm');
    await settled(complaint);
    const { data, due } = await complaint.read();
    expect(data.journalNumber).toMatch(/^\d{4}\/\d+$/);
    expect(due.why).toMatchObject({ basis: 'received', from: today(), weeks: 3 });
    const [acknowledged] = await studentMails(at, '100001');
    expect([
      acknowledged?.subject,
      acknowledged?.text.includes(due.on),
      acknowledged?.text.includes('lov 8. mars 2024'),
      acknowledged?.text.includes('Spørsmål: fshjelp@bth.example'),
    ]).toEqual(['Mottatt: MAT1000', true, true, true]);

    await toCommittee(complaint);
    expect(await complaint.read()).toMatchObject({
      state: 'with-committee',
      waitingFor: 'committee-member',
      due: { on: due.on },
      data: { committees: { second: { name: 'Klagekommisjon 2. gangs sensur' } }, sentOn: today() },
    });
    await settled(complaint);
    expect((await mailsOf('mons')).at(-1)?.subject).toContain(complaint.number);

    await graded(complaint, 'B');
    await settled(complaint);
    expect(await complaint.read()).toMatchObject({
      state: 'to-check',
      waitingFor: 'exam-office',
      data: { decision: 'in-favour', communicated: today(), finished: true },
    });
    expect(protocolOf(at, '100001')).toMatchObject({
      karakter: 'B',
      status: 'B',
      endring: { endringsstatus: 'KLAGE', endretAv: 'SS' },
    });
    expect((await studentMails(at, '100001')).at(-1)?.text).toContain('Karakter etter klage: B (til gunst)');
    expect((await mailsOf('egil')).at(-1)?.subject).toContain(complaint.number);

    await taken(complaint, 'egil', 'check');
    await settled(complaint);
    expect(await complaint.read()).toMatchObject({ state: 'closed', waitingFor: null, due: null, needsAttention: false });
    expect(inFs(at, complaint)).toMatchObject({
      vedtak: 'TIL GUNST',
      ferdigbehandlet: 'J',
      vedtakFormidletDato: today(),
      journalnr: data.journalNumber,
      kommisjonsnr: 1,
    });
    const { archive } = at.simulators;
    expect(archive.of('journalpost').map(({ tittel }) => tittel)).toEqual(
      ['', ', beslut'].map((what) => `Klagomål på betyg, MAT1000 HØST 2026, ärende ${complaint.number}${what}`),
    );
    expect(archive.of('dokumentobjekt').length).toBe(2);
    expect(await at.world.temporal.workflow.getHandle(`complaint/${complaint.number}`).result()).toEqual({ state: 'closed' });
    expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true });
  });

  /** The grade of a student's course on our own protocols, from which others are answered. */
  const ownProtocol = async (student: string, course = 'MAT1000') => {
    const { personNumber } = await at.world.db.complaintStudent.findFirstOrThrow({ where: { studentNumber: student, course } });
    return (await at.world.db.protocolResult.findMany({ where: { personNumber: personNumber ?? '', code: course } })).map(
      ({ result }) => result,
    );
  };

  /** What another institution is handed of MAT1000, or why nothing is. */
  const handedOver = async (student: string) => {
    const { personNumber, institution } = await at.world.db.complaintStudent.findFirstOrThrow({
      where: { studentNumber: student },
    });
    const answer = await at.world.db.$transaction((tx) =>
      handOver(tx, {
        institution,
        partner: 'north.example',
        id: randomUUID(),
        number: personNumber ?? '',
        disguise: 'x',
        basis: 'statute',
        consent: null,
        at: new Date().toISOString(),
        requestId: randomUUID(),
      }),
    );
    return 'refused' in answer ? answer.details : answer.results.map(({ code, result }) => [code, result]);
  };

  it('RX-13 puts a changed grade on our own protocols, and nothing of one that was not changed', async () => {
    const [changed, same] = [await assessedAnew(at, { student: '100002' }), await assessedAnew(at, { student: '100003' })];
    await graded(changed, 'A');
    await graded(same, protocolOf(at, '100003').karakter);
    expect([await ownProtocol('100002'), await ownProtocol('100003')]).toEqual([['A'], []]);
    const mails = (await studentMails(at, '100003')).map(({ subject }) => subject);
    await settled(same);
    expect([...mails, ...(await studentMails(at, '100003')).map(({ subject }) => subject)]).toContain(
      'Sensurvarsel etter klage i MAT1000',
    );
  });

  it('GC-32 that lies two grades apart is assessed further before anything is final', async () => {
    const complaint = await assessedAnew(at, { student: '100006' });
    const { body } = await complaint.give('siri', 'register-grade', { grade: 'E' });
    expect(body).toMatchObject({ case: { state: 'registering' } });
    const other = await assessedAnew(at, { student: '100007' });
    const before = (await studentMails(at, '100007')).length;
    const far = await taken(other, 'siri', 'register-grade', { grade: 'E' });
    expect(far).toMatchObject({ case: { state: 'to-further-assessment' }, answer: { message: { code: 'logged-only' } } });
    await settled(other);
    expect([
      protocolOf(at, '100007').karakter,
      (await studentMails(at, '100007')).length - before,
      inFs(at, other)?.['ferdigbehandlet'],
    ]).toEqual(['C', 0, 'N']);
    expect((await other.file()).gradings).toMatchObject([{ round: 2, grade: 'E', mark: 'B', inProtocolAt: null }]);
    expect(no(await other.give('siri', 'appoint', { members: members(['mons', 'nora']) }))).toEqual([
      409,
      'GC-32',
      'sat-in-second-grading',
    ]);
    await toFurther(other);
    await graded(other, 'E');
    expect(protocolOf(at, '100007')).toMatchObject({ karakter: 'E' });
    expect(await other.read()).toMatchObject({
      data: { decision: 'against', committees: { further: { name: 'Klagekommisjon 3. gangs sensur' } } },
    });
    expect((await other.file()).gradings).toMatchObject([
      { round: 2, inProtocolAt: null },
      { round: 3, grade: 'E', inProtocolAt: expect.any(String) },
    ]);
  });

  it('GC-37 that is withdrawn loses its logged grade, which was never in the protocol, and the audit keeps that', async () => {
    const complaint = await assessedAnew(at, { student: '100008' });
    await taken(complaint, 'siri', 'register-grade', { grade: 'F' });
    await taken(complaint, 'siri', 'withdraw', { note: 'Rang and withdrew' });
    await settled(complaint);
    expect(await complaint.read()).toMatchObject({
      state: 'withdrawn',
      data: { decision: 'withdrawn', finished: true, communicated: today() },
    });
    expect((await complaint.file()).gradings).toEqual([]);
    expect((await complaint.file()).firstAssessment.note).toBe('Rang and withdrew');
    expect(protocolOf(at, '100008').karakter).toBe('D');
    expect(inFs(at, complaint)).toMatchObject({ vedtak: 'TRUKKET', ferdigbehandlet: 'J' });
    const entry = (await auditOf(at, `complaint/${complaint.number}`)).find(({ action }) => action === 'complaint.withdraw');
    expect(entry).toMatchObject({ actor: personOf('siri').id, outcome: 'done', details: { deleted: [expect.any(String)] } });
    expect((await studentMails(at, '100008')).at(-1)?.subject).toBe('Trukket: MAT1000');
    expect(no(await complaint.give('siri', 'withdraw', {}))).toEqual([409, 'GC-36', 'wrong-state']);
  });

  it('GC-29 with a wrong grade is blocked at once, put right by the exam office, and the student told again', async () => {
    await setFor(at.world.db, { 'exchange-module': true });
    const complaint = await assessedAnew(at, { student: '100009' });
    await graded(complaint, 'A');
    await settled(complaint);
    expect(await handedOver('100009')).toEqual([['MAT1000', 'A']]);
    const wrong = await taken(complaint, 'siri', 'report-wrong', { reason: 'Typed A for C' });
    expect(wrong).toMatchObject({
      case: { state: 'to-correct', waitingFor: 'exam-office' },
      answer: { message: { code: 'notice-has-gone' } },
    });
    expect((await complaint.file()).gradings).toEqual([]);
    await settled(complaint);
    expect(protocolOf(at, '100009')).toMatchObject({ karakter: 'A', sperretMotVisning: 'J' });
    expect([await ownProtocol('100009'), await handedOver('100009')]).toEqual([['A'], { outcome: 'nothing-passed' }]);
    expect(no(await complaint.give('siri', 'correct', { grade: 'C' }))).toEqual([403, 'GC-31', 'not-yours-to-give']);
    await taken(complaint, 'egil', 'correct', { grade: 'C' });
    await complaintIn(complaint, 'to-check');
    expect(await handedOver('100009')).toEqual([['MAT1000', 'C']]);
    await taken(complaint, 'egil', 'check');
    await settled(complaint);
    expect(protocolOf(at, '100009')).toMatchObject({ karakter: 'C', sperretMotVisning: 'N' });
    expect(await complaint.read()).toMatchObject({ state: 'closed', data: { decision: 'against', blocked: false } });
    const notices = (await studentMails(at, '100009'))
      .filter(({ subject }) => subject.startsWith('Sensurvarsel'))
      .map(({ text }) => /etter klage: (.)/.exec(text)?.[1]);
    expect(notices).toEqual(['A', 'C']);
    const actions = (await auditOf(at, `complaint/${complaint.number}`)).flatMap(({ action, outcome }) =>
      outcome === 'done' ? [action] : [],
    );
    expect(
      actions.filter((action) => ['complaint.report-wrong', 'complaint.correct', 'complaint.check'].includes(action)),
    ).toEqual(['complaint.report-wrong', 'complaint.correct', 'complaint.check']);
    expect(await ownProtocol('100009')).toEqual(['C']);
  });

  it('GC-32 put right by a grade that lies far from the first is assessed further, the wrong one blocked meanwhile', async () => {
    const complaint = await assessedAnew(at, { student: '100010' });
    await graded(complaint, 'B');
    await taken(complaint, 'siri', 'report-wrong', { reason: 'Typed B for D' });
    const far = await taken(complaint, 'egil', 'correct', { grade: 'D' });
    expect(far).toMatchObject({
      case: { state: 'to-further-assessment', waitingFor: 'case-worker' },
      answer: { message: { code: 'logged-only' } },
    });
    await settled(complaint);
    expect(protocolOf(at, '100010')).toMatchObject({ karakter: 'B', sperretMotVisning: 'J' });
    expect(no(await complaint.give('siri', 'dismiss', { reason: 'Late' }))).toEqual([409, 'GC-31', 'wrong-grade-stands']);
    await toFurther(complaint);
    await graded(complaint, 'C');
    await settled(complaint);
    expect([protocolOf(at, '100010').karakter, await ownProtocol('100010')]).toEqual(['C', ['C']]);
    expect((await complaint.read()).data).toMatchObject({ decision: 'against', corrected: { by: personOf('siri').id } });
    await taken(complaint, 'egil', 'check');
  });

  it('GC-25 is no notice of a wrong grade that was reported before it went', async () => {
    const complaint = await assessedAnew(at, { student: '100012', unit: unitOf('MAT1000', 'S', 'JUN') });
    await settled(complaint);
    at.simulators.mailbox.faults.push({ match: 'RCPT student100012@student.uni.example', effect: 'temporary' });
    await graded(complaint, 'F');
    await eventually('the mailbox has put it off', () =>
      at.world.db.outbox.count({ where: { state: 'pending', problem: 'mail-deferred' } }),
    );
    const wrong = await taken(complaint, 'siri', 'report-wrong', { reason: 'Typed F for E' });
    const { warnings } = await complaint.read();
    await settled(complaint);
    at.simulators.mailbox.faults.length = 0;
    expect([wrong.answer.message.code, warnings.map(({ code }: { code: string }) => code)]).toEqual([
      'notice-held-back',
      ['late', 'notice-held-back', 'blocked'],
    ]);
    expect((await studentMails(at, '100012')).filter(({ subject }) => subject.startsWith('Sensurvarsel'))).toEqual([]);
  });

  it('GC-44 with a printed diploma stands still until it is back, or with GC-06 the faculty has said how', async () => {
    const complaint = await confirmed(at, { student: '100004' });
    const read = await complaint.read();
    expect(read).toMatchObject({
      state: 'halted',
      warnings: [expect.objectContaining({ code: 'diploma-printed', rule: 'GC-05' })],
    });
    expect(no(await complaint.give('siri', 'appoint', { members: members(['mons', 'marte']) }))).toEqual([
      409,
      'GC-13',
      'wrong-state',
    ]);
    expect(no(await complaint.give('siri', 'resume', { diplomaReturned: false }))).toEqual([409, 'GC-06', 'diploma-not-back']);
    expect(await complaint.read()).toMatchObject({ state: 'halted', version: read.version });
    await taken(complaint, 'siri', 'resume', { diplomaReturned: true, faculty: 'The faculty has it back' });
    expect(await complaint.read()).toMatchObject({
      state: 'received',
      due: read.due,
      data: { resumed: { diplomaReturned: true, reason: 'The faculty has it back' } },
    });
    await taken(complaint, 'siri', 'dismiss', { reason: 'No ground' });
    await settled(complaint);
    expect(await complaint.read()).toMatchObject({ state: 'dismissed', data: { decision: 'dismissed', finished: true } });
    expect((await studentMails(at, '100004')).at(-1)?.text).toContain('No ground');
    expect(inFs(at, complaint)).toMatchObject({ vedtak: 'AVVIST', ferdigbehandlet: 'J' });
  });

  it('GC-44 that is halted and goes on while the committee has it tells the committee both, and not why', async () => {
    const complaint = await assessedAnew(at, { student: '100012' });
    const told = async () =>
      (await Promise.all(['mons', 'marte'].map(mailsOf))).map(
        (mails) => mails.filter(({ subject }) => subject.endsWith(` ${complaint.number}`)).at(-1) ?? { subject: '', text: '' },
      );
    await taken(complaint, 'siri', 'halt', { reason: 'The diploma with the C went out' });
    await settled(complaint);
    const halted = await told();
    await taken(complaint, 'siri', 'resume', { diplomaReturned: false, faculty: 'The C is called back by the faculty' });
    await settled(complaint);
    const resumed = await told();
    expect([halted, resumed].map((mails) => mails.map(({ subject }) => subject))).toEqual([
      Array.from({ length: 2 }, () => `Vurderingen er stanset: MAT1000, sak ${complaint.number}`),
      Array.from({ length: 2 }, () => `Vurderingen går videre: MAT1000, sak ${complaint.number}`),
    ]);
    for (const { text } of [...halted, ...resumed]) expect(text).not.toMatch(/the C |diploma|faculty|vitnem/i);
  });

  it('GC-42 that ends with a block standing becomes a task of the exam office', async () => {
    const complaint = await confirmed(at, { student: '100010' }, { choice: 'block', reason: 'Admission this week' });
    await settled(complaint);
    expect(protocolOf(at, '100010').sperretMotVisning).toBe('J');
    await taken(complaint, 'siri', 'withdraw', {});
    expect(await complaint.read()).toMatchObject({ state: 'to-lift', waitingFor: 'exam-office', data: { finished: true } });
    expect(no(await complaint.give('siri', 'lift-block', {}))).toEqual([403, 'GC-42', 'not-yours-to-give']);
    await taken(complaint, 'egil', 'lift-block');
    await settled(complaint);
    expect([protocolOf(at, '100010').sperretMotVisning, (await complaint.read()).state]).toEqual(['N', 'withdrawn']);
  });

  it('GC-42 keeps a block that another open complaint about the same result needs, and none about another', async () => {
    const [unit, block] = [unitOf('MAT1000', 'S', 'JUN'), { choice: 'block', reason: 'Admission this week' }];
    const [one, other] = [
      await confirmed(at, { student: '100006', unit }, block),
      await confirmed(at, { student: '100006', unit, type: 'formal-error' }, block),
    ];
    await confirmed(at, { student: '100006', type: 'formal-error' }, block);
    await confirmed(at, { student: '100007', unit }, block);
    const ended = async (complaint: typeof one) => {
      await settled(complaint);
      await taken(complaint, 'siri', 'withdraw', {});
      await taken(complaint, 'egil', 'lift-block');
      await settled(complaint);
      return protocolOf(at, '100006', unit).sperretMotVisning;
    };
    expect([await ended(one), await ended(other)]).toEqual(['J', 'N']);
  });

  it('GC-46 has a diploma postponed to the day of the deadline, and taken back in the end', async () => {
    const complaint = await confirmed(at, { student: '100011' }, { choice: 'postponement', reason: 'The student graduates' });
    await settled(complaint);
    const notes = () => Object.values(at.simulators.fs.store.notes).map(({ dato }) => dato);
    const { due } = await complaint.read();
    expect(notes()).toEqual([due.on]);
    const later = addWeeks(due.on, 6);
    await taken(complaint, 'siri', 'move-deadline', { on: later, reason: 'Holidays' });
    await settled(complaint);
    expect([notes(), (await complaint.read()).due]).toMatchObject([
      [later],
      { on: later, why: { moved: [{ from: due.on, by: personOf('siri').id }] } },
    ]);
    await taken(complaint, 'siri', 'withdraw', {});
    await settled(complaint);
    expect(notes()).toEqual([]);
  });

  it('GC-26 about a part grade has the top summed again, on trial first, with GC-27 the change status of a complaint', async () => {
    const [part, top] = [unitOf('FYS1100', 'S'), unitOf('FYS1100', 'T')];
    const complaint = await assessedAnew(at, { student: '100003', unit: part });
    await graded(complaint, 'E');
    expect(await ownProtocol('100003', 'FYS1100')).toEqual([]);
    expect(no(await complaint.give('egil', 'check', {}))).toEqual([409, 'GC-26', 'not-recalculated']);
    expect(no(await complaint.give('egil', 'recalculate', { trial: false }))).toEqual([409, 'GC-28', 'trial-first']);
    const topBefore = protocolOf(at, '100003', top).karakter;
    const trial = await ordered(at, 'egil', await complaint.give('egil', 'recalculate', { trial: true }));
    expect([trial.state, protocolOf(at, '100003', top).karakter]).toEqual(['done', topBefore]);
    expect((await complaint.file('egil')).recalculations).toMatchObject([
      { trial: true, units: [{ before: topBefore, after: expect.any(String) }] },
    ]);
    await ordered(at, 'egil', await complaint.give('egil', 'recalculate', { trial: false }));
    const [, real] = (await complaint.file('egil')).recalculations;
    expect([topBefore, protocolOf(at, '100003', top).karakter, real.units[0].after]).toEqual(['F', 'D', 'D']);
    expect(await ownProtocol('100003', 'FYS1100')).toEqual(['D']);
    await taken(complaint, 'egil', 'check');
  });

  it('GC-04 about an explanation is answered by the examiner, and moves the last day to complain', async () => {
    const june = unitOf('MAT1000', 'S', 'JUN');
    const complaint = await confirmed(at, { student: '100010', unit: june, type: 'explanation', received: today() });
    await settled(complaint);
    expect(await complaint.read()).toMatchObject({
      state: 'explaining',
      waitingFor: 'examiner',
      due: { rule: 'GC-04', why: { weeks: 2 } },
    });
    expect((await mailsOf('erik')).at(-1)?.subject).toBe('A student asks for an explanation on MAT1000');
    expect((await at.as('erik').get('/complaints')).body.items.map((item: any) => item.number)).toEqual([complaint.number]);
    expect(no(await at.as('eva').get(`/complaints/${complaint.number}`))).toEqual([403, 'GC-02', 'not-yours-to-open']);
    await taken(complaint, 'erik', 'explain', { text: 'Oppgave 3 mangler bevis' });
    await settled(complaint);
    expect(await complaint.read()).toMatchObject({ state: 'explained', data: { finished: true, communicated: today() } });
    const { text = '' } = (await studentMails(at, '100010')).at(-1) ?? {};
    expect([text.includes('Oppgave 3 mangler bevis'), text.includes(`til og med ${addWeeks(today(), 3)}`)]).toEqual([true, true]);
    const [explained, unexplained] = [
      await opened(at, { student: '100010', unit: june }),
      await opened(at, { student: '100002', unit: june }),
    ];
    expect([(await explained.read()).data.late, (await unexplained.read()).data.late]).toEqual([
      undefined,
      { on: '2026-07-03', basis: 'grade' },
    ]);
    await taken(explained, 'siri', 'confirm');
    expect((await explained.read()).data).not.toHaveProperty('late');
  });

  it('GC-36 that is withdrawn while an explanation is asked for tells the examiner that it is not needed', async () => {
    const complaint = await confirmed(at, { student: '100011', unit: unitOf('MAT1000', 'S', 'JUN'), type: 'explanation' });
    await taken(complaint, 'siri', 'withdraw', {});
    await settled(complaint);
    expect((await mailsOf('erik')).at(-1)?.subject).toBe(
      `The explanation is not needed any more: MAT1000, case ${complaint.number}`,
    );
  });

  it('GC-22 that has ended has its communicated date put right, and FS told, and with GC-12 nothing else but the note', async () => {
    const [yesterday, unit] = [addDays(today(), -1), unitOf('MAT1000', 'S', 'JUN')];
    const complaint = await confirmed(at, { student: '100009', unit, received: yesterday });
    await taken(complaint, 'siri', 'dismiss', { reason: 'No ground' });
    await settled(complaint);
    const { state, commands, version } = await complaint.read();
    expect([state, commands.map(({ name }: { name: string }) => name)]).toEqual(['dismissed', ['describe']]);
    expect(inFs(at, complaint)).toMatchObject({ vedtakFormidletDato: today() });
    expect(no(await complaint.give('siri', 'describe', { version, initials: 'EE' }))).toEqual([409, 'GC-12', 'case-has-ended']);
    await taken(complaint, 'siri', 'describe', { version, note: 'Told by phone', communicated: yesterday });
    // No workflow is left to deliver it: the sweep does, after a minute.
    await at.world.db.$executeRaw`
      UPDATE outbox SET created_at = created_at - interval '2 minutes'
      WHERE state = 'pending' AND case_id = (SELECT id FROM cases WHERE number = ${BigInt(complaint.number)})`;
    await swept(at);
    await eventually('FS has the day', async () => inFs(at, complaint)?.['vedtakFormidletDato'] === yesterday);
    expect(await complaint.read()).toMatchObject({ state: 'dismissed', data: { communicated: yesterday, finished: true } });
    expect((await complaint.file()).firstAssessment).toMatchObject({ note: 'Told by phone' });
    expect((await auditOf(at, `complaint/${complaint.number}`)).map(({ action, outcome }) => [action, outcome])).toEqual(
      expect.arrayContaining([
        ['complaint.describe', 'refused'],
        ['complaint.describe', 'done'],
      ]),
    );
  });

  it('GC-03 is opened once for a result and type', async () => {
    const first = await opened(at, { student: '100002', unit: unitOf('HMS0001', 'H') });
    const again = await at.as('siri').post('/complaints', { type: 'grading', student: '100002', unit: unitOf('HMS0001', 'H') });
    expect([...no(again), again.body.details.number]).toEqual([409, 'GC-03', 'complained-already', first.number]);
    const races = await Promise.all(
      [1, 2, 3].map(() =>
        at.as('siri').post('/complaints', { type: 'grading', student: '100003', unit: unitOf('HMS0001', 'H') }),
      ),
    );
    expect(races.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  it('GC-02 whose result is in no protocol, or is that of somebody else, waits for somebody to look at what was typed, and tells nobody', async () => {
    const made = await at.as('siri').post('/complaints', { type: 'grading', student: '999999', unit: mathematics });
    const complaint = complaintInHand(at, made.body.case.number);
    expect(await complaintIn(complaint, 'to-confirm')).toMatchObject({ needsAttention: true });
    expect(no(await complaint.give('siri', 'confirm', {}))).toEqual([409, 'GC-02', 'protocol-not-read']);
    await taken(complaint, 'siri', 'withdraw', {});
    expect((await complaint.read()).state).toBe('withdrawn');
    const mails = (await studentMails(at, '100001')).length;
    const mistaken = await opened(at, { student: '100001' });
    expect(no(await mistaken.give('siri', 'dismiss', { reason: 'The wrong student' }))).toEqual([409, 'GC-24', 'wrong-state']);
    await taken(mistaken, 'siri', 'withdraw', {});
    await settled(mistaken);
    expect([(await mistaken.read()).state, (await studentMails(at, '100001')).length - mails, inFs(at, mistaken)]).toEqual([
      'withdrawn',
      0,
      undefined,
    ]);
  });

  it('AU-11 is not checked by who registered the grade, also where they hold both roles', async () => {
    const both = await newcomer(at, [{ role: 'case-worker' }, { role: 'exam-office' }]);
    const complaint = await assessedAnew(at, { student: '100008', unit: unitOf('MAT1000', 'S', 'JUN') });
    const { grade } = (await complaint.file()).firstAssessment;
    expect((await both.post(`/complaints/${complaint.number}/register-grade`, { grade })).status).toBe(200);
    await complaintIn(complaint, 'to-check');
    const offered = (await both.get(`/complaints/${complaint.number}`)).body.commands.map(({ name }: { name: string }) => name);
    expect([offered.includes('report-wrong'), offered.includes('check')]).toEqual([true, false]);
    expect(no(await both.post(`/complaints/${complaint.number}/check`, {}))).toEqual([403, 'AU-11', 'registered-by-you']);
    await taken(complaint, 'egil', 'check');
    expect((await complaint.read()).state).toBe('closed');
  });

  it('GC-18 whose grade FS will not take waits for somebody, and is entered again', async () => {
    const complaint = await assessedAnew(at, { student: '100005', unit: unitOf('MAT1000', 'S', 'JUN') });
    const entry = protocolOf(at, '100005', unitOf('MAT1000', 'S', 'JUN'));
    const place = at.simulators.fs.store.entries.indexOf(entry);
    at.simulators.fs.store.entries[place] = { ...entry, karakter: 'F' };
    await taken(complaint, 'siri', 'register-grade', { grade: 'D' });
    expect(await complaintIn(complaint, 'not-entered')).toMatchObject({
      needsAttention: true,
      waitingFor: 'case-worker',
      data: { finished: false },
    });
    at.simulators.fs.store.entries[place] = entry;
    await taken(complaint, 'egil', 'enter-again');
    expect(await complaintIn(complaint, 'to-check')).toMatchObject({
      needsAttention: false,
      data: { finished: true, decision: 'in-favour' },
    });
    await settled(complaint);
    expect(protocolOf(at, '100005', unitOf('MAT1000', 'S', 'JUN'))).toMatchObject({ karakter: 'D', versjon: entry.versjon + 1 });
  });
});
