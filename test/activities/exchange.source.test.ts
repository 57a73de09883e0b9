import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '../spec.js';
import { answerThree, type Inquiry } from '../../activities/exchange/source.js';
import { asDate } from '../../prisma/client.js';
import { course, degree, NUMBER, protocols } from '../support/protocols.js';

describe('our protocols as others ask for them', () => {
  const at = protocols();
  const { student, entered, correct, inquiry, fetch, refusalOf } = at;

  it('RX-13 hands over what is passed and achieved, a qualification before its parts, under the same keys', async () => {
    const whole = await entered(degree);
    const part = await entered({ ...course, partOf: whole, thesisTitle: 'On results', description: 'What it is about' });
    await entered({ ...course, code: 'RES-101', result: 'F', passed: false });
    const handed = await fetch();
    expect(handed).toMatchObject({
      learner: { nationalNumber: NUMBER, givenNames: 'Test', familyName: 'Student', birthDate: '1999-08-15' },
    });
    expect((handed as unknown as { results: object[] }).results).toEqual([
      {
        key: whole,
        category: 'qualification',
        code: 'B-ING',
        nameNb: 'Resultatutveksling',
        nameEn: 'Exchange of results',
        term: '2026 VÅR',
        credits: '7.5',
        creditScheme: 'ects',
        gradingScheme: 'A-F',
        passedOn: '2026-06-01',
      },
      {
        key: part,
        partOf: whole,
        category: 'course',
        code: 'RES-100',
        nameNb: 'Resultatutveksling',
        nameEn: 'Exchange of results',
        thesisTitle: 'On results',
        term: '2026 VÅR',
        credits: '7.5',
        creditScheme: 'ects',
        result: 'C',
        gradingScheme: 'A-F',
        passedOn: '2026-06-01',
        description: 'What it is about',
      },
    ]);
  });

  it('RX-27 holds a degree back until the day after its diploma by our clock on the wall, and lets its parts go without it', async () => {
    const whole = await entered({ ...degree, diplomaOn: '2026-11-27' });
    const part = await entered({ ...course, partOf: whole });
    const early = (await fetch({ at: '2026-11-27T22:59:59.000Z' })) as unknown as { results: { key: string; partOf?: string }[] };
    expect(early.results.map(({ key, partOf }) => [key, partOf])).toEqual([[part, undefined]]);
    const late = (await fetch({ at: '2026-11-27T23:00:00.000Z' })) as unknown as { results: { key: string; partOf?: string }[] };
    expect(late.results.map(({ key, partOf }) => [key, partOf])).toEqual([
      [whole, undefined],
      [part, whole],
    ]);
  });

  it('AU-08 writes down who asked for what on which basis, once a question, and what was handed over', async () => {
    const key = await entered(course);
    const id = randomUUID();
    for (let time = 0; time < 2; time += 1) {
      expect(await at.db.$transaction((tx) => answerThree(tx, inquiry({ id })))).toMatchObject({ hasPassedResults: true });
      expect(await fetch({ id })).toMatchObject({ results: [{ key }] });
    }
    const rows = await at.db.disclosure.findMany({ where: { requestId: id }, orderBy: { seq: 'asc' } });
    expect(
      rows.map(({ partner, personNumber, question, basis, outcome, keys }) => [
        partner,
        personNumber,
        question,
        basis,
        outcome,
        keys,
      ]),
    ).toEqual([
      ['north.example', NUMBER, 'status', 'consent', 'shared', []],
      ['north.example', NUMBER, 'results', 'consent', 'shared', [key]],
    ]);
    const audit = (await at.db.auditEntry.findMany({ orderBy: { seq: 'desc' }, take: 4 })).map(
      ({ entry }) => JSON.parse(entry) as { actor: string; action: string; details: object },
    );
    expect(audit.map(({ actor: by, action, details }) => [by, action, details])[0]).toEqual([
      'north.example',
      'exchange.handed-over',
      { basis: 'consent', outcome: 'shared', results: 1 },
    ]);
    expect(JSON.stringify(audit)).not.toContain(NUMBER);
  });

  it('AU-08 keeps no number of somebody who is unknown here, and knows the question all the same', async () => {
    const [id, number] = [randomUUID(), '15990899999'];
    const three = (more: Partial<Inquiry>) => at.db.$transaction((tx) => answerThree(tx, inquiry({ id, ...more })));
    for (let time = 0; time < 2; time += 1) expect(await three({ number })).toMatchObject({ known: false });
    const [row, ...others] = await at.db.disclosure.findMany({ where: { requestId: id } });
    expect([row?.outcome, others]).toEqual(['unknown', []]);
    expect(row?.personNumber).toMatch(/^[0-9a-f]{64}$/);
    expect(refusalOf(await three({ number: '15990888888' }))).toEqual(['registrar', 'key-used-otherwise']);
    await student(number);
    expect(await three({ number })).toMatchObject({ known: true });
  });

  it('AU-08 answers a question that is put again with the same results, as they are now', async () => {
    const key = await entered(course);
    const id = randomUUID();
    await fetch({ id });
    await entered({ ...course, code: 'RES-101' });
    await correct(key, { result: 'B' });
    expect(await fetch({ id })).toMatchObject({ results: [{ key, result: 'B' }] });
    expect(((await fetch({ id })) as unknown as { results: object[] }).results).toHaveLength(1);
  });

  it('AU-08 refuses a question under an id that was used about somebody else', async () => {
    await entered(course);
    const id = randomUUID();
    await fetch({ id });
    await at.db.$transaction((tx) => answerThree(tx, inquiry({ id })));
    await student('15990854321');
    expect(refusalOf(await fetch({ id, number: '15990854321' }))).toEqual(['registrar', 'key-used-otherwise']);
    expect(refusalOf(await at.db.$transaction((tx) => answerThree(tx, inquiry({ id, number: '15990854321' }))))).toEqual([
      'registrar',
      'key-used-otherwise',
    ]);
  });

  it('RX-28 keeps in the audit whom it told that it has reserved itself', async () => {
    await entered(course);
    const reserve = (value: boolean) =>
      at.db.setting.create({
        data: {
          institution: 'bth',
          name: 'exchange-reserved',
          fromDate: asDate('2020-01-01'),
          value,
          setBy: at.person,
          reason: 'test',
        },
      });
    await reserve(true);
    try {
      expect(await at.db.$transaction((tx) => answerThree(tx, inquiry()))).toMatchObject({
        reserved: true,
        hasPassedResults: false,
      });
      expect(refusalOf(await fetch())).toEqual(['RX-12', 'not-three-yes']);
      const audit = (await at.db.auditEntry.findMany({ orderBy: { seq: 'desc' }, take: 2 })).map(
        ({ entry }) => JSON.parse(entry) as { actor: string; details: { outcome: string } },
      );
      expect(audit.map(({ actor: by, details }) => [by, details.outcome])).toEqual(Array(2).fill(['north.example', 'reserved']));
    } finally {
      await reserve(false);
    }
  });

  it.each([
    ['nothing-passed', {}, { passed: false, result: 'F' }],
    ['no-consent', { consent: null }, {}],
    ['unknown', { number: '15990899999' }, {}],
  ])('RX-12 hands nothing over where the answer is %s', async (outcome, more, result) => {
    await entered({ ...course, ...result });
    expect(await fetch(more)).toMatchObject({ rule: 'RX-12', code: 'not-three-yes', details: { outcome } });
  });

  it('RX-13 holds back the course on which a wrong grade is reported, under any number the student had, until the right one is in', async () => {
    const key = await entered(course);
    const other = await entered({ ...course, code: 'RES-101' });
    const caseId = randomUUID();
    const complaint = (state: string, data: object, closedAt: Date | null = null) =>
      at.db.case.update({ where: { id: caseId }, data: { state, data, closedAt } });
    await at.db.case.create({
      data: {
        id: caseId,
        kind: 'complaint',
        institution: 'bth',
        state: 'to-check',
        data: {},
        createdBy: at.person,
        createdAt: new Date(),
        changedAt: new Date(),
      },
    });
    await at.db.complaintStudent.create({
      data: { caseId, institution: 'bth', course: 'RES-100', studentNumber: '100001', personNumber: '15990800001' },
    });
    await at.db.formerNumber.create({
      data: {
        personId: at.person,
        number: '15990800001',
        numberKind: 'fs-temporary',
        replacedBy: at.person,
        replacedAt: new Date(),
        reason: 'test',
      },
    });
    const keys = async () =>
      ((await fetch()) as unknown as { results: { key: string }[] }).results.map((result) => result.key).toSorted();
    const [both, one] = [[key, other].toSorted(), [other]];
    const [wrong, corrected, part] = [{ by: at.person }, { by: at.person }, { top: { course: 'RES-101' } }];
    expect(await keys()).toEqual(both);
    for (const [state, data, expected] of [
      ['with-committee', { blocked: true, protection: 'block' }, both],
      ['to-correct', { wrong, blocked: true }, one],
      ['to-further-assessment', { wrong, blocked: true }, one],
      ['registering', { wrong, corrected }, one],
      ['not-entered', { wrong, corrected }, one],
      ['to-check', { wrong, corrected, entry: { top: null } }, both],
    ] as const) {
      await complaint(state, data);
      expect([state, await keys()]).toEqual([state, expected]);
    }
    for (const state of ['to-correct', 'to-check']) {
      await complaint(state, { wrong, ...(state === 'to-check' ? { corrected } : {}), entry: part });
      expect(await fetch()).toMatchObject({ rule: 'RX-12', code: 'not-three-yes', details: { outcome: 'nothing-passed' } });
    }
    await complaint('closed', { wrong, corrected, entry: part }, new Date());
    expect(await keys()).toEqual(both);
  });

  it('RX-11 asks for a consent of our own where that is set, and takes the last answer', async () => {
    await entered(course);
    await at.db.setting.create({
      data: {
        institution: 'bth',
        name: 'exchange-source-consent',
        fromDate: asDate('2020-01-01'),
        value: true,
        setBy: at.person,
        reason: 'test',
      },
    });
    try {
      const answers: boolean[] = [];
      for (const answer of [undefined, 'J', 'N'] as const) {
        if (answer)
          await at.db.consent.create({
            data: {
              institution: 'bth',
              personId: at.person,
              type: 'RESULTATUTVEKS',
              answer,
              answeredOn: asDate('2026-11-01'),
              cameFrom: 'staff',
              enteredBy: at.person,
              enteredAt: new Date(),
            },
          });
        answers.push(((await at.db.$transaction((tx) => answerThree(tx, inquiry()))) as { consent: boolean }).consent);
      }
      expect(answers).toEqual([false, true, false]);
    } finally {
      await at.db.setting.create({
        data: {
          institution: 'bth',
          name: 'exchange-source-consent',
          fromDate: asDate('2020-01-01'),
          value: false,
          setBy: at.person,
          reason: 'test',
        },
      });
    }
  });
});
