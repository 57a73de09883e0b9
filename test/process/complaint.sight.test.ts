import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { extractText, getDocumentProxy } from 'unpdf';
import {
  assessedAnew,
  complaintIn,
  confirmed,
  inFs,
  members,
  opened,
  settled,
  taken,
  toCommittee,
  toFurther,
  unitOf,
  type ComplaintInHand,
} from '../support/complaints.js';
import { signedList, type ListInHand } from '../support/lists.js';
import { auditOf, changeStaff, newcomer } from '../support/staff.js';
import { openUniversity, personOf, type Caller, type University } from '../support/university.js';

const everyRole = [
  'case-worker',
  'exam-office',
  'auditor',
  'operations',
  'course-office',
  'teacher',
  'study-adviser',
  'planner',
  'committee-member',
];

describe('who assesses anew', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at?.close());

  const no = ({ status, body }: { status: number; body: any }) => [status, body.rule, body.code];
  const base = () => at.world.db;
  /** Somebody with every role, who may be appointed as well. */
  const everything = () =>
    newcomer(at, [
      ...everyRole.map((role) => ({ role })),
      ...['XX1000', 'MAT1000'].map((course) => ({ role: 'examiner', course })),
    ]);
  const appoint = (complaint: ComplaintInHand, people: readonly { id: string }[]) =>
    complaint.give('siri', 'appoint', { members: people.map(({ id }, i) => ({ person: id, external: i === 1 })) });
  const planted = ['planted-grade', 'planted-explanation', 'planted-reasons', 'planted-note'];

  /** A complaint in the second grading by somebody with every role. */
  async function assessedBy(student: string): Promise<{ complaint: ComplaintInHand; member: Caller & { id: string } }> {
    const [complaint, member] = [await confirmed(at, { student }), await everything()];
    await taken(complaint, 'siri', 'appoint', {
      members: [
        { person: member.id, external: false },
        { person: personOf('marte').id, external: true },
      ],
    });
    await taken(complaint, 'siri', 'send', {});
    await settled(complaint);
    return { complaint, member };
  }

  /**
   * A complaint about a result that stands on a signed list as well, and an explanation of it, with words planted that nobody of
   * the committee may read.
   */
  async function plant(): Promise<{
    complaint: ComplaintInHand;
    explanation: ComplaintInHand;
    list: ListInHand;
    member: Caller & { id: string };
    orders: string[];
  }> {
    const list = await signedList(at);
    const [row] = await list.rows('tove');
    const explanation = await confirmed(at, { student: '100001', type: 'explanation' });
    await taken(explanation, 'siri', 'explain', { text: 'planted-explanation' });
    const complaint = await confirmed(at, { student: '100001', reasons: 'planted-reasons' });
    await taken(complaint, 'siri', 'describe', { version: (await complaint.read()).version, note: 'planted-note' });
    const member = await everything();
    const others = await at.as('siri').get('/complaints');
    expect(others.status).toBe(200);
    await taken(complaint, 'siri', 'appoint', {
      members: [
        { person: member.id, external: false },
        { person: personOf('marte').id, external: true },
      ],
    });
    await taken(complaint, 'siri', 'send', {});
    await settled(complaint);
    const ids = await base().case.findMany({ where: { number: { in: [BigInt(complaint.number), BigInt(explanation.number)] } } });
    for (const { id } of ids) {
      await base().complaintUndisclosed.update({ where: { caseId: id }, data: { firstGrade: 'planted-grade' } });
      await base().complaintStudent.update({ where: { caseId: id }, data: { course: 'XX1000', personNumber: row.personNumber } });
    }
    await base().case.updateMany({ where: { id: { in: ids.map(({ id }) => id) } }, data: { scope: 'XX1000' } });
    const { id: listId } = await base().case.findFirstOrThrow({ where: { number: BigInt(list.number) } });
    await base().resultRow.updateMany({ where: { caseId: listId, studentUid: row.student }, data: { grade: 'planted-grade' } });
    const orders = (await base().order.findMany({ where: { caseId: { in: ids.map(({ id }) => id) } } })).map(({ id }) => id);
    return { complaint, explanation, list, member, orders };
  }

  /** Every GET of the API that can be asked about these cases, with what it answers in words. */
  async function everyAnswer(
    who: Caller,
    about: Awaited<ReturnType<typeof plant>>,
  ): Promise<Map<string, { status: number; text: string }>> {
    const { body } = await at.as('siri').get('/openapi.json');
    const numbers: Record<string, string[]> = {
      complaints: [about.complaint.number, about.explanation.number],
      'result-lists': [about.list.number],
    };
    const answers = new Map<string, { status: number; text: string }>();
    for (const [pattern, methods] of Object.entries(body.paths as Record<string, Record<string, unknown>>)) {
      if (!methods['get']) continue;
      const kind = pattern.split('/')[1] ?? '';
      const paths = pattern.includes('{number}')
        ? (numbers[kind] ?? ['1']).map((number) => pattern.replace('{number}', number))
        : [pattern];
      for (const path of paths.flatMap((one) =>
        one.includes('{order}')
          ? about.orders.map((order) => one.replace('{order}', order))
          : [one.replace(/\{\w+\}/g, about.orders[0] ?? '')],
      )) {
        const answer = await at.app.request(path, {
          headers: { Authorization: `Bearer ${(who as unknown as { token: string }).token}` },
        });
        const bytes = new Uint8Array(await answer.arrayBuffer());
        const pdf = answer.headers.get('Content-Type')?.includes('pdf');
        const text = pdf
          ? (await extractText(await getDocumentProxy(bytes), { mergePages: true })).text
          : new TextDecoder().decode(bytes);
        answers.set(path, { status: answer.status, text });
      }
    }
    return answers;
  }

  it('GC-13 reads no first grade, explanation or reasons by any route, whatever other roles they hold', async () => {
    const about = await plant();
    const free = (await everything()) as Caller & { id: string; token: string };
    const found = (answers: Awaited<ReturnType<typeof everyAnswer>>) =>
      planted.filter((word) => [...answers.values()].some(({ text }) => text.includes(word)));
    const theirs = await everyAnswer(about.member, about);
    expect(
      [...theirs.entries()].filter(([, { text }]) => planted.some((word) => text.includes(word))).map(([path]) => path),
    ).toEqual([]);
    expect([...theirs.values()].filter(({ status }) => status >= 500)).toEqual([]);
    expect(found(await everyAnswer(free, about))).toEqual(planted);
    const [file, rows] = [`/complaints/${about.complaint.number}/file`, `/result-lists/${about.list.number}/rows`];
    expect(JSON.parse(theirs.get(file)?.text ?? '')).toMatchObject({
      firstAssessment: null,
      gradings: [],
      student: { number: '100001', givenName: null, surname: null },
    });
    expect(JSON.parse(theirs.get(rows)?.text ?? '')).toMatchObject({ status: 403, rule: 'GC-13', code: 'sits-on-the-committee' });
    for (const path of ['verification', 'verification/document', 'archive-list'])
      expect(theirs.get(`/result-lists/${about.list.number}/${path}`)?.status).toBe(403);
    expect(no(await about.member.post(`/result-lists/${about.list.number}/enter`, { controlNumber: '1234567890' }))).toEqual([
      403,
      'GC-13',
      'sits-on-the-committee',
    ]);
    const refused = (await auditOf(at)).filter(
      (entry) => entry.actor === about.member.id && entry.code === 'sits-on-the-committee',
    );
    expect(refused.map(({ rule }) => rule)).toContain('GC-13');

    await taken(about.complaint, 'siri', 'withdraw', {});
    await settled(about.complaint);
    expect(found(await everyAnswer(about.member, about))).toEqual(planted);
  });

  it('GC-32 reads it in the further assessment', async () => {
    const complaint = await assessedAnew(at, { student: '100002', reasons: 'I wrote more than that' });
    expect(no(await at.as('nils').get(`/complaints/${complaint.number}`))).toEqual([403, 'GC-02', 'not-yours-to-open']);
    await taken(complaint, 'siri', 'register-grade', { grade: 'F' });
    await toFurther(complaint);
    expect(await complaint.file('nils')).toMatchObject({
      firstAssessment: { grade: 'B', reasons: 'I wrote more than that' },
      gradings: [{ round: 2, grade: 'F' }],
    });
    expect(await complaint.file('mons')).toMatchObject({ firstAssessment: null, gradings: [] });
    expect((await at.as('mons').get('/complaints')).body.items.map((item: any) => item.number)).toEqual([complaint.number]);
    expect((await at.as('nora').get('/complaints')).body.items.map((item: any) => item.number)).toEqual([complaint.number]);
  });

  it('GC-30 is a further committee no more when the case has gone back to the second, and sees nothing of it', async () => {
    const complaint = await assessedAnew(at, { student: '100005', unit: unitOf('MAT1000', 'S', 'JUN') });
    const { second } = (await complaint.read()).data.committees;
    await taken(complaint, 'siri', 'register-grade', { grade: 'A' });
    await taken(complaint, 'siri', 'appoint', { members: members(['nils', 'nora']) });
    await taken(complaint, 'siri', 'send', {});
    expect((await complaint.file('nils')).firstAssessment.grade).toBe('E');
    await taken(complaint, 'siri', 'delete-grade', { reason: 'Typed A for D' });
    await settled(complaint);
    expect(no(await at.as('nils').get(`/complaints/${complaint.number}`))).toEqual([403, 'GC-02', 'not-yours-to-open']);
    expect([(await complaint.read()).data.committees, inFs(at, complaint)?.['kommisjonsnr']]).toEqual([
      { second },
      second.number,
    ]);
  });

  it('GC-13 has neither written nor read the explanation of the grade, nor opened a result list with it', async () => {
    const explanation = await confirmed(at, { student: '100009', type: 'explanation' });
    const [writer, reader, reporter, lister, maker, clean] = [
      await everything(),
      await everything(),
      await everything(),
      await everything(),
      await everything(),
      await everything(),
    ];
    expect(
      (await writer.post(`/complaints/${explanation.number}/explain`, { text: 'The second question was left out.' })).status,
    ).toBe(200);
    await complaintIn(explanation, 'explained');
    expect((await reader.get(`/complaints/${explanation.number}/file`)).body.firstAssessment.explanation).toBe(
      'The second question was left out.',
    );
    expect((await reporter.get('/reports/complaints')).body.items.map((row: any) => row.number)).toContain(explanation.number);
    const list = await signedList(at);
    const [row] = await list.rows('tove');
    expect((await lister.get(`/result-lists/${list.number}`)).status).toBe(200);
    const complaint = await confirmed(at, { student: '100009' });
    const { id: caseId } = await base().case.findFirstOrThrow({ where: { number: BigInt(complaint.number) } });
    const { id: listId } = await base().case.findFirstOrThrow({ where: { number: BigInt(list.number) } });
    await base().complaintStudent.update({ where: { caseId }, data: { personNumber: row.personNumber } });
    await base().case.update({ where: { id: listId }, data: { scope: 'MAT1000', createdBy: maker.id } });
    const answers = [];
    for (const { id } of [writer, reader, reporter, lister, maker])
      answers.push(no(await appoint(complaint, [{ id }, { id: personOf('marte').id }])));
    expect(answers).toEqual(Array(5).fill([409, 'GC-13', 'has-seen-first-grade']));
    expect((await appoint(complaint, [clean, { id: personOf('marte').id }])).status).toBe(200);
  });

  it('GC-13 reads neither the decision nor the reasons that somebody gave for a step', async () => {
    const { complaint, member } = await assessedBy('100011');
    const reason = (word: string) => ({ by: personOf('siri').id, at: '2026-07-01T10:00:00.000Z', reason: `planted-${word}` });
    const found = await base().case.findFirstOrThrow({ where: { number: BigInt(complaint.number) } });
    const said = [
      'protectionReason',
      'deadlineReason',
      'halted',
      'resumed',
      'wrong',
      'dismissed',
      'formalError',
      'corrected',
      'checked',
      'deletedGrade',
    ];
    await base().case.update({
      where: { id: found.id },
      data: {
        data: {
          ...(found.data as object),
          decision: 'unchanged',
          ...Object.fromEntries(said.map((word) => [word, reason(word)])),
          extensions: [{ ...reason('first'), on: '2026-07-20' }, reason('second')],
        },
      },
    });
    const theirs = (await member.get(`/complaints/${complaint.number}`)).body;
    expect(JSON.stringify(theirs)).not.toContain('planted-');
    expect(theirs.data).not.toHaveProperty('decision');
    expect(theirs.data).toMatchObject({
      received: expect.any(String),
      committees: { second: {} },
      halted: { by: personOf('siri').id },
      extensions: [{ on: '2026-07-20' }, {}],
    });
    const whole = (await complaint.read()).data;
    expect(said.filter((word) => whole[word].reason === `planted-${word}`)).toEqual(said);
    expect([whole.decision, ...whole.extensions.map((one: any) => one.reason)]).toEqual([
      'unchanged',
      'planted-first',
      'planted-second',
    ]);
  });

  it('GC-13 gives no command about the result, so that no answer tells the first grade, and is asked for no explanation of it', async () => {
    const { complaint, member } = await assessedBy('100010');
    const asked = await opened(at, { student: '100010', type: 'explanation' });
    const { id: askedId } = await base().case.findFirstOrThrow({ where: { number: BigInt(asked.number) } });
    await base().complaintEntry.update({ where: { caseId: askedId }, data: { examiners: [] } });
    await taken(asked, 'siri', 'confirm', {});
    const mails = (await base().outbox.findMany({ where: { caseId: askedId, channel: 'mail' } })).map(
      ({ payload }) => payload as { letter: string; to: string },
    );
    const examiners = mails.filter(({ letter }) => letter === 'explanation-asked').map(({ to }) => to);
    expect([examiners.includes(personOf('erik').id), examiners.includes(member.id)]).toEqual([true, false]);
    await settled(asked);
    const { version } = await complaint.read();
    const bodies: [ComplaintInHand, string, object][] = [
      [complaint, 'register-grade', { grade: 'B', communicated: '2999-01-01' }],
      [complaint, 'register-grade', { grade: 'B', judged: { decision: 'against', furtherAssessment: false, reason: 'Weaker' } }],
      [complaint, 'register-grade', { grade: 'Z' }],
      [complaint, 'describe', { version, note: 'Rang up' }],
      [complaint, 'halt', { reason: 'A diploma' }],
      [complaint, 'withdraw', {}],
      [asked, 'explain', { text: 'It was weak.' }],
      [asked, 'describe', { version: (await asked.read()).version, note: 'Rang up' }],
    ];
    const answers = [];
    for (const [{ number }, command, body] of bodies)
      answers.push(no(await member.post(`/complaints/${number}/${command}`, body)));
    expect(answers).toEqual(bodies.map(() => [403, 'GC-13', 'sits-on-the-committee']));
    expect((await member.get(`/complaints/${complaint.number}`)).body.commands).toEqual([]);
    expect(no(await member.post(`/complaints/${complaint.number}/deliveries/${randomUUID()}/settled`, {}))).toEqual([
      403,
      'GC-13',
      'sits-on-the-committee',
    ]);
    await taken(complaint, 'siri', 'withdraw', {});
    await settled(complaint);
    expect((await member.post(`/complaints/${asked.number}/explain`, { text: 'It was weak.' })).status).toBe(200);
  });

  it('GC-13 is shown neither what was deleted from the log, which the auditor is, nor what the audit says of a decision', async () => {
    const { complaint, member } = await assessedBy('100012');
    await taken(complaint, 'siri', 'register-grade', { grade: 'A' });
    const { id } = await base().case.findFirstOrThrow({ where: { number: BigInt(complaint.number) } });
    const auditor = await newcomer(at, [{ role: 'auditor' }]);
    await base().complaintGrading.updateMany({
      where: { caseId: id },
      data: { deletedAt: new Date(), deletedBy: personOf('siri').id },
    });
    const logOf = async (who: Caller) => (await who.get(`/complaints/${complaint.number}/file`)).body.gradings;
    expect(await logOf(auditor)).toMatchObject([{ grade: 'A', deletedAt: expect.any(String) }]);
    expect([await logOf(at.as('siri')), await logOf(member)]).toEqual([[], []]);
    expect(
      no(await complaint.give('siri', 'describe', { version: (await complaint.read()).version, responsible: member.id })),
    ).toEqual([409, 'GC-13', 'assesses-it-anew']);
    expect(no(await complaint.give('siri', 'register-grade', { grade: 'B' }))).toEqual([409, 'GC-18', 'wrong-state']);
    const codes = async (who: Caller) =>
      (await who.get(`/audit?subject=complaint/${complaint.number}&limit=100`)).body.items.flatMap(({ entry }: any) =>
        entry.outcome === 'refused' ? [entry.code] : [],
      );
    expect([await codes(auditor), await codes(member)]).toEqual([
      ['assesses-it-anew', 'wrong-state'],
      [null, null],
    ]);
    const entries = async (who: Caller) =>
      (await who.get(`/audit?subject=complaint/${complaint.number}&limit=100`)).body.items
        .filter(({ entry }: any) => entry.action === 'complaint.register-grade' && entry.outcome === 'done')
        .map(({ entry }: any) => entry.details);
    expect(await entries(auditor)).toMatchObject([{ logged: true, to: 'to-further-assessment' }]);
    expect(await entries(member)).toEqual([null]);
  });

  it('GC-13 has not opened the first grade before, nor handles the case, nor set the grade', async () => {
    const complaint = await confirmed(at, { student: '100003' });
    const [reader, clean] = [await everything(), await everything()];
    expect((await reader.get(`/complaints/${complaint.number}/file`)).body.firstAssessment).not.toBeNull();
    await changeStaff(at, personOf('eva').id, { roles: [{ role: 'committee-member' }] });
    await changeStaff(at, personOf('siri').id, { roles: [{ role: 'case-worker' }, { role: 'committee-member' }] });
    const refused = [];
    for (const person of [reader.id, personOf('siri').id, personOf('eva').id, personOf('tove').id, randomUUID()])
      refused.push(no(await appoint(complaint, [{ id: person }, { id: personOf('marte').id }])));
    expect(refused).toEqual([
      [409, 'GC-13', 'has-seen-first-grade'],
      [409, 'GC-13', 'has-seen-first-grade'],
      [409, 'GC-13', 'set-the-first-grade'],
      [409, 'GC-13', 'not-a-committee-member'],
      [409, 'GC-13', 'not-a-committee-member'],
    ]);
    expect(no(await complaint.give('siri', 'appoint', { members: [{ person: clean.id, external: true }] }))).toEqual([
      409,
      'GC-13',
      'committee-too-small',
    ]);
    const { id: caseId } = await base().case.findFirstOrThrow({ where: { number: BigInt(complaint.number) } });
    await base().complaintEntry.update({ where: { caseId }, data: { unknown: ['00704711'] } });
    expect((await complaint.read()).warnings).toMatchObject([
      { code: 'unknown-first-examiners', nb: expect.stringContaining('00704711') },
    ]);
    const people = [
      { person: clean.id, external: false },
      { person: personOf('marte').id, external: true },
    ];
    expect(no(await complaint.give('siri', 'appoint', { members: people }))).toEqual([409, 'GC-13', 'unknown-first-examiners']);
    expect((await complaint.give('siri', 'appoint', { members: people, confirmed: true })).status).toBe(200);
    expect((await clean.get(`/complaints/${complaint.number}/file`)).body.firstAssessment).toBeNull();
    await complaintIn(complaint, 'received');
  });

  it('GC-15 sits on a committee of the unit with a number of its own, which another case can have as well', async () => {
    const [one, two, elsewhere] = [
      await confirmed(at, { student: '100006' }),
      await confirmed(at, { student: '100007' }),
      await confirmed(at, {
        student: '100001',
        unit: { course: 'HMS0001', version: '1', combination: 'H', year: 2026, term: 'HØST' },
      }),
    ];
    await toCommittee(one);
    const { number } = (await one.read()).data.committees.second;
    await taken(two, 'siri', 'appoint', { committee: number });
    await taken(elsewhere, 'siri', 'appoint', { name: 'Klagekommisjon B', members: members(['mons', 'marte']) });
    expect([(await two.read()).data.committees.second, (await elsewhere.read()).data.committees.second]).toEqual([
      { number, name: 'Klagekommisjon 2. gangs sensur' },
      { number: 1, name: 'Klagekommisjon B' },
    ]);
    expect(no(await elsewhere.give('siri', 'appoint', { committee: 77 }))).toEqual([404, 'GC-15', 'no-such-committee']);
    expect((await two.file('siri')).committees).toMatchObject([
      {
        round: 2,
        number,
        replacedAt: null,
        members: [
          { name: 'Mons Medhus', external: false },
          { name: 'Marte Utvik', external: true },
        ],
      },
    ]);
    await taken(two, 'siri', 'appoint', { members: members(['nils', 'nora']) });
    expect((await two.file('siri')).committees.map((committee: any) => committee.replacedAt === null)).toEqual([false, true]);
    expect(no(await at.as('mons').get(`/complaints/${two.number}`))).toEqual([403, 'GC-02', 'not-yours-to-open']);
  });

  it('GC-12 leaves names, grades and reasons out of the case itself, the lists and the audit', async () => {
    const complaint = await opened(at, { student: '100008', reasons: 'I wrote more than that' });
    const texts = [
      await complaint.read(),
      (await at.as('siri').get('/complaints')).body,
      await auditOf(at, `complaint/${complaint.number}`),
    ].map((body) => JSON.stringify(body));
    for (const text of texts)
      for (const word of ['100008', 'wrote', 'Øvrebø', 'Maren', '"firstGrade"']) expect(text).not.toContain(word);
  });
});
