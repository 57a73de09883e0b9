import { describe, expect, it } from '../spec.js';
import type { Actor, CaseView, CommandWords } from '../../workflows/process.js';
import { refusalTexts } from '../../workflows/refusals.js';
import { definition, type ListCommand } from '../../workflows/result-list/definition.js';
import { reportedOn, type CatalogueFacts, type ListData } from '../../workflows/result-list/list.js';
import { rules } from '../../workflows/result-list/rules.js';
import { commands, birth as birthSchema, type BirthBody } from '../../workflows/result-list/schema.js';
import { theirsOnly } from '../../workflows/result-list/whole-course.js';
import { actor, aList, anAsk, aRow, at, examiner, otherExaminer, someFacts, teacher, today } from '../support/list-asks.js';

const course = { code: 'XX1000', nameSv: 'Exempelkurs', nameEn: 'Example course' };
const module = { code: 'TEN1', nameSv: 'Tentamen', nameEn: 'Examination', uid: 'm' };
const whole: CatalogueFacts = { about: { course: { ...course, uid: 'c' }, scale: { id: '1', code: 'AF' } } };
const part: CatalogueFacts = { about: { course, module, scale: { id: '1', code: 'AF' } } };
const born = (body: BirthBody, facts: CatalogueFacts, by: Actor = examiner) =>
  rules.birth({ body: body as never, actor: by, facts: facts as never, at, today, zone: 'Europe/Stockholm', fresh: 'fresh-id' });

/** The list of a whole course, made by its examiner. */
const wholeList = (other: Partial<CaseView<ListData>> = {}) =>
  aList({
    createdBy: 'eva',
    waitingFor: 'examiner',
    data: { listKind: 'T34', course: { ...course, uid: 'c' }, scale: { id: '1', code: 'AF' } },
    ...other,
  });
const save = (rows: object[], by: Actor = examiner, list = wholeList(), here = rows as ReturnType<typeof aRow>[]) =>
  rules.commands.save(anAsk({ list, body: { version: 7, rows }, facts: someFacts(here), by }));

describe('the birth of a list', () => {
  it("RL-24 of a whole course is its examiner's, and promises at once to fetch who can get a final grade", () => {
    expect(born({ kind: 'T34', course: 'XX1000' }, whole)).toEqual({
      state: 'draft',
      scope: 'XX1000',
      waitingFor: 'examiner',
      data: { listKind: 'T34', course: { ...course, uid: 'c' }, scale: { id: '1', code: 'AF' }, enteredBy: ['eva'] },
      writes: [{ write: 'order', id: 'fresh-id', name: 'fetch', body: { from: 'eligible' } }],
      promises: [{ channel: 'order', key: 'order:fresh-id', payload: { order: 'fresh-id' } }],
      record: { kind: 'T34', course: 'XX1000', order: 'fresh-id' },
      answer: { order: 'fresh-id' },
    });
  });

  it.each([
    ['a teacher', teacher],
    ['the examiner of another course', otherExaminer],
    ['an examiner of no course', actor('olle', { role: 'examiner' })],
  ])('RL-24 of a whole course is refused to %s', (_who, by) => {
    expect(born({ kind: 'T34', course: 'XX1000' }, whole, by)).toMatchObject({
      refused: true,
      kind: 'forbidden',
      rule: 'RL-24',
      code: 'not-yours-to-give',
    });
  });

  it('RL-24 of a whole course is open to somebody who acts for the examiner', () => {
    expect(
      born(
        { kind: 'T34', course: 'XX1000' },
        whole,
        actor('tove', { role: 'teacher' }, { role: 'examiner', course: 'XX1000', for: 'eva' }),
      ),
    ).toMatchObject({ state: 'draft' });
  });

  it('RL-01 is refused for a module or a course that does not exist, and a T34 has no module, a T33 one', () => {
    expect(born({ kind: 'T33', course: 'XX1000', module: 'NO1' }, {})).toMatchObject({
      refused: true,
      rule: 'RL-01',
      code: 'unknown-module',
    });
    expect(born({ kind: 'T34', course: 'XX1000' }, {})).toMatchObject({ refused: true, rule: 'RL-01', code: 'unknown-course' });
    expect(born({ kind: 'T33', course: 'XX1000', module: 'TEN1' }, part, teacher)).toEqual({
      state: 'draft',
      scope: 'XX1000',
      waitingFor: 'teacher',
      data: { listKind: 'T33', course, module, scale: { id: '1', code: 'AF' } },
      record: { kind: 'T33', course: 'XX1000', module: 'TEN1' },
    });
    expect(birthSchema.safeParse({ kind: 'T34', course: 'XX1000', module: 'TEN1' }).success).toBe(false);
    expect(birthSchema.safeParse({ kind: 'T33', course: 'XX1000' }).success).toBe(false);
  });

  it.each([
    ['T33', { kind: 'T33', course: 'XX1000', module: 'TEN1' }, part],
    ['T34', { kind: 'T34', course: 'XX1000' }, whole],
  ] as const)('RL-04 of a degree project demands one title, and no other list takes one (%s)', (_kind, body, facts) => {
    const degree = { ...facts, titleWanted: true };
    expect(born(body, degree)).toMatchObject({ refused: true, kind: 'invalid', rule: 'RL-04', code: 'title-missing' });
    expect(born({ ...body, title: 'Om prov' }, degree)).toMatchObject({ data: { title: 'Om prov' } });
    expect(born({ ...body, title: 'Om prov' }, facts)).toMatchObject({
      refused: true,
      kind: 'invalid',
      rule: 'RL-04',
      code: 'title-not-wanted',
    });
    expect(birthSchema.safeParse({ ...body, title: ' ' }).success).toBe(false);
    expect(birthSchema.safeParse({ ...body, title: ['Ett', 'Två'] }).success).toBe(false);
  });

  it('RL-05 of a degree project holds several students under its one title', () => {
    const list = wholeList({ data: { ...wholeList().data, title: 'Om prov' } });
    const rows = [aRow('s1'), aRow('s2'), aRow('s3')];
    expect(rules.commands.send(anAsk({ list, body: { version: 7 }, facts: someFacts(rows), by: examiner }))).toMatchObject({
      state: 'with-examiner',
      data: { title: 'Om prov' },
    });
  });

  it('RL-06 on a discontinued course goes on, with a warning in three languages, whatever its kind', () => {
    for (const [body, facts] of [
      [{ kind: 'T33', course: 'XX1000', module: 'TEN1' }, part],
      [{ kind: 'T34', course: 'XX1000' }, whole],
    ] as const) {
      expect(born(body, { ...facts, discontinued: true })).toMatchObject({
        state: 'draft',
        answer: {
          warnings: [
            {
              code: 'discontinued-course',
              rule: 'RL-06',
              sv: expect.stringContaining('nedlagd'),
              nb: expect.stringContaining('nedlagt'),
              en: expect.stringContaining('discontinued'),
            },
          ],
        },
      });
      expect((born(body, facts) as { answer?: object }).answer ?? {}).not.toHaveProperty('warnings');
    }
  });
});

describe('filling the list of a whole course', () => {
  const fetching = (list: CaseView<ListData>, body: object, by = examiner) =>
    rules.commands.fetch(anAsk({ list, body, facts: someFacts([]), by }));

  it('RL-24 takes those who can get a final grade, again whenever asked, and nobody in another way', () => {
    expect(fetching(wholeList(), { from: 'eligible' })).toMatchObject({
      writes: [{ write: 'order', name: 'fetch', body: { from: 'eligible' } }],
      answer: { order: 'fresh-id' },
    });
    for (const body of [
      { from: 'term', term: '20262' },
      { from: 'single', personNumber: '199001012385' },
    ])
      expect(fetching(wholeList(), body)).toMatchObject({
        refused: true,
        kind: 'conflict',
        rule: 'RL-24',
        code: 'fetched-otherwise',
        details: { kind: 'T34' },
      });
    expect(fetching(aList(), { from: 'eligible' })).toMatchObject({
      refused: true,
      rule: 'RL-24',
      code: 'fetched-otherwise',
      details: { kind: 'T33' },
    });
    expect(fetching(aList(), { from: 'term', term: '20262' }, teacher)).toMatchObject({
      writes: [{ body: { from: 'term', term: '20262' } }],
    });
  });

  it('RL-26 those marked leave with the save, the others are saved, and nothing is asked of what stood beside a mark', () => {
    const verdict = save(
      [
        aRow('s1'),
        { ...aRow('s2', { grade: 'not a grade', examinationDate: '2099-01-01' }), notNow: true },
        aRow('s3', { examinationDate: null }),
      ],
      examiner,
      wholeList(),
      [aRow('s1'), aRow('s2', { examinationDate: null }), aRow('s3')],
    );
    expect((verdict as { answer?: object }).answer).toEqual({ problems: { s3: 'date-missing' } });
    expect(verdict).toMatchObject({
      writes: [
        { write: 'rows', rows: [aRow('s1'), aRow('s3', { examinationDate: null })] },
        { write: 'remove', students: ['s2'] },
      ],
      record: { rows: 2, notNow: 1 },
    });
    expect(
      save([
        { ...aRow('s1'), notNow: true },
        { ...aRow('s2'), notNow: true },
      ]),
    ).toMatchObject({ writes: [{ rows: [] }, { students: ['s1', 's2'] }] });
    expect(save([aRow('s1')])).toMatchObject({ writes: [{ write: 'rows' }] });
  });

  it('RL-26 marks are for whole courses, for saving, for students of the list and for each of them once', () => {
    expect(save([{ ...aRow('s1'), notNow: true }], teacher, aList())).toMatchObject({
      refused: true,
      kind: 'invalid',
      rule: 'RL-26',
      code: 'marked-on-module',
      details: { count: 1 },
    });
    expect(save([{ ...aRow('s9'), notNow: true }], examiner, wholeList(), [aRow('s1')])).toMatchObject({
      refused: true,
      rule: 'RL-10',
      code: 'not-on-list',
    });
    expect(save([{ ...aRow('s1'), notNow: true }, aRow('s1')])).toMatchObject({
      refused: true,
      rule: 'RL-14',
      code: 'student-twice',
    });
    const row = { student: 'e0000000-0000-4000-8000-000000000001', grade: null, examinationDate: null };
    const read = (command: 'save' | 'correct', mark: object) =>
      commands[command].safeParse({ version: 1, rows: [{ ...row, ...mark }] }).success;
    expect([
      read('save', { notNow: true }),
      read('save', { notNow: false }),
      read('correct', {}),
      read('correct', { notNow: true }),
    ]).toEqual([true, false, true, false]);
  });

  it("RL-28 is the examiner's: a teacher neither saves, removes, fetches nor sends, and is not offered to", () => {
    const asks = {
      save: { version: 7, rows: [aRow('s1')] },
      remove: { version: 7, students: ['s1'] },
      fetch: { from: 'eligible' },
      send: { version: 7 },
    } as const;
    for (const [command, body] of Object.entries(asks) as [keyof typeof asks, object][]) {
      for (const by of [teacher, otherExaminer])
        expect(rules.commands[command](anAsk({ list: wholeList(), body, facts: someFacts([aRow('s1')]), by }))).toMatchObject({
          refused: true,
          kind: 'forbidden',
          rule: 'RL-28',
          code: 'not-yours-to-give',
          details: { command },
        });
      expect(
        rules.commands[command](anAsk({ list: wholeList(), body, facts: someFacts([aRow('s1')]), by: examiner })).refused,
      ).toBeFalsy();
    }
    expect(theirsOnly(wholeList().data, teacher, 'XX1000')).toEqual([
      ...Object.keys(asks),
      'move-not-registered',
      'find-exams',
      'find-columns',
    ]);
    for (const command of theirsOnly(wholeList().data, teacher, 'XX1000') as ListCommand[])
      expect([command, (definition.commands[command] as CommandWords).except]).toEqual([command, expect.stringContaining('T34')]);
    expect(theirsOnly(wholeList().data, examiner, 'XX1000')).toEqual(['find-exams', 'find-columns']);
    expect(theirsOnly(aList().data, teacher, 'XX1000')).toEqual([]);
  });
});

describe('what a list reports on', () => {
  it('RL-29 is the course in its version for a T34, the module for a T33', () => {
    expect(reportedOn(wholeList().data)).toEqual({ uid: 'c', code: 'XX1000' });
    expect(reportedOn(aList().data)).toMatchObject({ uid: 'm', code: 'TEN1' });
  });

  it('RL-29 asks of a T34 what it asks of a T33: a date with each grade, and registration on that day', () => {
    const sign = (rows: ReturnType<typeof aRow>[], registrations = someFacts(rows).registrations) =>
      rules.commands['request-code'](
        anAsk({
          list: wholeList(),
          body: { version: 7 },
          facts: someFacts(rows, {
            registrations,
            signer: { mobile: 'ready', locked: false, codesLastHour: 0, codesLastDay: 0, openBankId: false },
          }),
          by: examiner,
        }),
      );
    expect(sign([aRow('s1', { examinationDate: null })])).toMatchObject({ refused: true, rule: 'RL-22', code: 'date-missing' });
    expect(sign([aRow('s1')], [])).toMatchObject({ refused: true, rule: 'RL-23', code: 'not-registered' });
    expect(sign([aRow('s1')])).toMatchObject({ writes: [{ write: 'code' }, { write: 'order', name: 'check-registrations' }] });
  });

  it('says each no of its own in three languages', () => {
    for (const code of ['title-missing', 'title-not-wanted', 'fetched-otherwise', 'marked-on-module'] as const)
      expect(new Set(Object.values(refusalTexts[code])).size).toBe(3);
  });
});
