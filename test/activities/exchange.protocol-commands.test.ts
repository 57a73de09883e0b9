import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '../spec.js';
import { externalStudiesOf } from '../../activities/exchange/external-studies.js';
import { readProtocol, type Entered } from '../../activities/exchange/protocol-commands.js';
import { exchangeAbout } from '../../activities/exchange/seen.js';
import { handOver } from '../../activities/exchange/source.js';
import { course, degree, NUMBER, protocols } from '../support/protocols.js';

describe('our protocols as the exam office keeps them', () => {
  const at = protocols();
  const { study, actor, office, enter, entered, correct, mistyped, withdraw, inquiry, fetch, notices, refusalOf } = at;

  it('RX-33 tells of a correction to each institution that was handed the result, under the number of then, and to no other', async () => {
    const [key, other] = [await entered(course), await entered({ ...course, code: 'RES-101' })];
    await fetch();
    await fetch();
    await at.db.person.update({ where: { id: at.person }, data: { personNumber: '15990854321' } });
    await at.db.protocolResult.updateMany({ data: { personNumber: '15990854321' } });
    await fetch({ partner: 'south.example', number: '15990854321' });
    const late = await entered({ ...course, code: 'RES-102' });
    expect(await correct(key, { result: 'B' })).toEqual({ key, changed: ['result'] });
    await correct(late, { result: 'B' });
    expect(await notices()).toEqual([
      ['north.example', NUMBER, key],
      ['south.example', '15990854321', key],
    ]);
    await withdraw(other);
    expect((await notices()).filter(([, , of]) => of === other)).toHaveLength(2);
    expect(refusalOf(await withdraw(other))).toEqual(['RX-33', 'withdrawn-already']);
    expect(refusalOf(await correct(key, { result: 'B' }))).toEqual(['RX-33', 'nothing-corrected']);
    expect(await notices()).toHaveLength(4);
  });

  it('RX-33 tells of a result that was under a mistyped number, and of none that stays there', async () => {
    const [key, listed] = [await entered(course), await entered({ ...course, code: 'RES-101' })];
    await at.db.protocolResult.updateMany({ where: { key: listed }, data: { cameFrom: 'result-list' } });
    await fetch();
    expect(await mistyped()).toMatchObject({ person: at.person });
    expect(await notices()).toEqual([['north.example', NUMBER, key]]);
  });

  it('AU-08 shows who was handed a result under a number that was mistyped, and nothing else about that number', async () => {
    await entered(course);
    await fetch();
    await mistyped();
    await at.student(NUMBER);
    await fetch({ partner: 'south.example' });
    expect(
      await at.db.$transaction((tx) => readProtocol(tx, { actor: office, person: at.person, requestId: randomUUID() })),
    ).toMatchObject({ disclosures: [{ institution: 'north.example', question: 'results', results: 1 }] });
    expect(await exchangeAbout(at.db, { institution: 'bth', person: at.person })).toMatchObject({
      told: [{ institution: { code: 'north.example' }, question: 'results', results: 1 }],
    });
  });

  it('RX-33 misses no institution that is handed a result while it is being corrected', async () => {
    const key = await entered(course);
    let correcting: Promise<unknown> | undefined;
    await at.db.$transaction(async (tx) => {
      await handOver(tx, inquiry());
      correcting = correct(key, { result: 'B' });
      await new Promise((later) => setTimeout(later, 200));
    });
    await correcting;
    expect(await notices()).toEqual([['north.example', NUMBER, key]]);
  });

  it.each([
    ['RX-27', 'diploma-of-no-degree', { ...course, diplomaOn: '2026-01-01' }],
    ['RX-15', 'kind-and-category-differ', { ...course, category: 'qualification' }],
    ['RX-14', 'no-such-qualification', { ...course, partOf: 'nowhere' }],
    ['RX-14', 'no-such-qualification', { ...degree, partOf: 'nowhere' }],
  ] as const)('RX-33 refuses by %s what makes no entry: %s', async (rule, code, entry) => {
    expect(refusalOf(await enter(entry as Entered))).toEqual([rule, code]);
    const key = await entered(entry.kind === 'assessment' ? course : degree);
    expect(refusalOf(await correct(key, entry as Entered))).toEqual([rule, code]);
  });

  it('RX-33 lets nobody but the exam office enter, correct or withdraw, and the exam office and auditors read', async () => {
    const key = await entered(course);
    for (const role of ['study-adviser', 'case-worker', 'auditor', 'teacher'] as const) {
      const as = actor(role);
      expect(
        [await enter(course, as), await correct(key, { result: 'A' }, as), await withdraw(key, as)].map((no) => refusalOf(no)),
      ).toEqual(Array(3).fill(['RX-33', 'not-yours-to-give']));
      const read = await at.db.$transaction((tx) => readProtocol(tx, { actor: as, person: at.person, requestId: randomUUID() }));
      expect(role === 'auditor' ? (read as unknown as { results: { key: string }[] }).results[0]?.key : refusalOf(read)).toEqual(
        role === 'auditor' ? key : ['RX-13', 'not-yours-to-open'],
      );
    }
    expect(refusalOf(await correct('nowhere', { result: 'A' }))).toEqual(['RX-33', 'no-such-result']);
    at.person = randomUUID();
    expect(refusalOf(await enter(course))).toEqual(['RX-32', 'not-a-student']);
    expect(
      refusalOf(
        await at.db.$transaction((tx) => readProtocol(tx, { actor: office, person: at.person, requestId: randomUUID() })),
      ),
    ).toEqual(['RX-32', 'not-a-student']);
  });

  describe('whoever assesses a result anew', () => {
    /** An open second grading of the student on a course, with a member. */
    const assessing = async (member: string, code = 'RES-100') => {
      const [caseId, committeeId] = [randomUUID(), randomUUID()];
      await at.db.case.create({
        data: {
          id: caseId,
          kind: 'complaint',
          institution: 'bth',
          state: 'appointed',
          scope: code,
          data: {},
          createdBy: at.person,
          createdAt: new Date(),
          changedAt: new Date(),
        },
      });
      await at.db.complaintStudent.create({
        data: { caseId, institution: 'bth', course: code, studentNumber: '100001', personNumber: NUMBER },
      });
      await at.db.complaintCommittee.create({
        data: {
          id: committeeId,
          institution: 'bth',
          unit: randomUUID(),
          number: 1,
          name: 'K',
          madeBy: at.person,
          madeAt: new Date(),
        },
      });
      await at.db.complaintMember.create({ data: { committeeId, personId: member, external: false } });
      await at.db.complaintAppointment.create({ data: { caseId, round: 2, committeeId, appointedAt: new Date() } });
    };

    it('GC-13 reads the result on no protocol, of the course or a module of it, and guesses it by no correction', async () => {
      const as = actor('exam-office');
      const [key, module, other] = [
        await entered(course),
        await entered({ ...course, code: 'RES-100 1401' }),
        await entered({ ...course, code: 'RES-1000' }),
      ];
      await assessing(as.id);
      const read = (await at.db.$transaction((tx) =>
        readProtocol(tx, { actor: as, person: at.person, requestId: randomUUID() }),
      )) as unknown as { results: { key: string }[]; withheld: number };
      expect([read.results.map((one) => one.key), read.withheld]).toEqual([[other], 2]);
      for (const hidden of [key, module])
        expect([await correct(hidden, { result: 'C' }, as), await withdraw(hidden, as)].map((no) => refusalOf(no))).toEqual(
          Array(2).fill(['GC-13', 'sits-on-the-committee']),
        );
      expect(refusalOf(await enter(course, as))).toEqual(['GC-13', 'sits-on-the-committee']);
      expect(await correct(other, { result: 'B' }, as)).toMatchObject({ changed: ['result'] });
    });

    it('GC-13 reads it under no number that the student has got since', async () => {
      const as = actor('exam-office');
      await entered(course);
      await assessing(as.id);
      await at.db.formerNumber.create({
        data: {
          personId: at.person,
          number: NUMBER,
          numberKind: 'temporary',
          replacedBy: at.person,
          replacedAt: new Date(),
          reason: 'test',
        },
      });
      await at.db.person.update({ where: { id: at.person }, data: { personNumber: '15990854321' } });
      await at.db.protocolResult.updateMany({ data: { personNumber: '15990854321' } });
      expect(
        await at.db.$transaction((tx) => readProtocol(tx, { actor: as, person: at.person, requestId: randomUUID() })),
      ).toMatchObject({ results: [], withheld: 1 });
    });

    it('GC-13 cannot say that the number was mistyped, and reads it no more when somebody else says so', async () => {
      const as = actor('exam-office');
      await entered(course);
      await assessing(as.id);
      const reader = actor('exam-office');
      expect(refusalOf(await mistyped(as))).toEqual(['GC-13', 'sits-on-the-committee']);
      expect(await mistyped(reader)).toMatchObject({ person: at.person });
      expect(
        await at.db.$transaction((tx) => readProtocol(tx, { actor: as, person: at.person, requestId: randomUUID() })),
      ).toMatchObject({ results: [], withheld: 1 });
      expect(
        await at.db.$transaction((tx) => readProtocol(tx, { actor: reader, person: at.person, requestId: randomUUID() })),
      ).toMatchObject({ results: [{ code: 'RES-100' }], withheld: 0 });
    });

    it('GC-13 is kept as a reader, so that who has read cannot assess it anew', async () => {
      const as = actor('auditor');
      await at.db.$transaction((tx) => readProtocol(tx, { actor: as, person: at.person, requestId: randomUUID() }));
      expect(await at.db.protocolReading.findMany({ select: { personNumber: true, readerId: true } })).toEqual([
        { personNumber: NUMBER, readerId: as.id },
      ]);
    });

    it('GC-13 is told nothing of the course by what came from elsewhere either', async () => {
      const as = actor('study-adviser');
      const studyId = await study();
      await at.db.externalResult.createMany({
        data: [
          { studyId, key: 'a', category: 'course', code: 'RES-100', result: 'C' },
          { studyId, key: 'b', category: 'course', code: 'RES-200', result: 'D' },
        ],
      });
      const keysSeen = async () =>
        (await externalStudiesOf(at.db, { institution: 'bth', personId: at.person, reader: as.id })).map(
          ({ results, withheld }) => [results.map(({ key }) => key), withheld],
        );
      expect(await keysSeen()).toEqual([[['a', 'b'], 0]]);
      await assessing(as.id);
      expect(await keysSeen()).toEqual([[['b'], 1]]);
    });
  });
});
