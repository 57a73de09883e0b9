import { describe, expect, it } from '../spec.js';
import fc from 'fast-check';
import { settings } from '../../workflows/settings/schema.js';
import { defaults, inForce, type Dated } from '../../workflows/settings/values.js';
import { isCivilDate } from '../../workflows/rules/civil-time.js';

const day = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

describe('the value in force on a day', () => {
  it('is the latest that began not after it, whatever days it is asked for', () => {
    fc.assert(
      fc.property(fc.uniqueArray(day, { minLength: 1 }), day, (days, asked) => {
        const values: Dated<string>[] = [
          { from: '0001-01-01', value: 'default' },
          ...days.toSorted().map((from) => ({ from, value: from })),
        ];
        const expected =
          days
            .filter((from) => from <= asked)
            .toSorted()
            .at(-1) ?? 'default';
        expect(inForce(values, asked)).toBe(expected);
      }),
    );
  });

  it('is the one set last where two begin on the same day', () => {
    expect(
      inForce(
        [
          { from: '0001-01-01', value: 1 },
          { from: '2026-01-01', value: 2 },
          { from: '2026-01-01', value: 3 },
        ],
        '2026-01-01',
      ),
    ).toBe(3);
  });

  it.each(Object.entries(defaults))(
    '%s has one since ever, of the right form, in order, and with its name in three languages',
    (name, { values, title, rule }) => {
      expect(values[0]?.from).toBe('0001-01-01');
      expect(values.map(({ from }) => from)).toEqual(values.map(({ from }) => from).toSorted());
      for (const { from, value } of values) {
        expect(isCivilDate(from)).toBe(true);
        expect(settings[name as keyof typeof settings].safeParse(value).success).toBe(true);
      }
      expect(Object.values(title).every((text) => text.length > 3)).toBe(true);
      expect(rule).toMatch(/^(RL|GC|RX)-\d\d$/);
    },
  );

  it('RL-49 RL-51 has the electronic signature enough from 2015-06-01, by decision of the Högskoledirektör', () => {
    const { values } = defaults['electronic-signature'];
    expect(inForce(values, '2015-05-31')).toMatchObject({ enough: false });
    expect(inForce(values, '2015-06-01')).toMatchObject({ enough: true, decidedBy: 'Högskoledirektören' });
    expect(inForce(values, '2026-11-02')).toMatchObject({ enough: true });
  });
});

describe('what may be set', () => {
  it.each<[keyof typeof settings, unknown]>([
    ['code-length', 4],
    ['code-length', 9],
    ['code-length', 5.5],
    ['code-length', '6'],
    ['four-eyes', 'yes'],
    ['contacts', { suggestions: 'nobody', reporting: 'a@b.example' }],
    ['contacts', { suggestions: 'a@b.example', reporting: 'a@b.example', more: 1 }],
    ['holidays', [{ date: '2026-02-30', name: 'Nothing' }]],
    ['holidays', [{ date: '0000-01-01', name: 'Nothing' }]],
    ['electronic-signature', { enough: true }],
    ['electronic-signature', { enough: true, decidedBy: 'Somebody', decidedOn: 'yesterday' }],
    ['result-list-working-days', 0],
    ['complaint-committee', { members: 2, external: 3 }],
    ['person-number-in-mail', null],
  ])('is not %s = %j', (name, value) => {
    expect(settings[name].safeParse(value).success).toBe(false);
  });

  it('GC-13 is a committee of which all may be external', () =>
    expect(settings['complaint-committee'].safeParse({ members: 2, external: 2 }).success).toBe(true));

  it('RL-39 is a code of 5 to 8 digits', () => {
    for (const length of [5, 6, 7, 8]) expect(settings['code-length'].safeParse(length).success).toBe(true);
  });
});
