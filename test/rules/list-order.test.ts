import { describe, expect, it } from '../spec.js';
import fc from 'fast-check';
import { inListOrder } from '../../activities/result-list/rows.js';

const person = (surname: string, givenName = 'Anna', personNumber = '199501012384') => ({ surname, givenName, personNumber });
const surnames = (names: string[], language: string) =>
  inListOrder(
    names.map((name) => person(name)),
    language,
  ).map((row) => row.surname);

describe('the order of a list', () => {
  it('RL-09 follows the Swedish alphabet, å ä ö last', () => {
    expect(surnames(['Öberg', 'Zetterström', 'Ärlig', 'Andersson', 'Åkesson', 'Çelik', 'Dahl'], 'sv')).toEqual([
      'Andersson',
      'Çelik',
      'Dahl',
      'Zetterström',
      'Åkesson',
      'Ärlig',
      'Öberg',
    ]);
  });

  it('RL-09 follows the Norwegian alphabet at a Norwegian institution, æ ø å last', () => {
    expect(surnames(['Åsen', 'Zahl', 'Ødegård', 'Aas', 'Ærlig', 'Berg'], 'nb')).toEqual([
      'Berg',
      'Zahl',
      'Ærlig',
      'Ødegård',
      'Aas',
      'Åsen',
    ]);
  });

  it.each(['sv', 'nb'])(
    'RL-09 has the letters of the Sami languages beside the ones they are made of, where the language is %s',
    (language) => {
      const order = [
        'Aikio',
        'Ánde',
        'Andersson',
        'Čáhppe',
        'Cato',
        'Dahl',
        'Đuvva',
        'Ek',
        'Nilsen',
        'Ŋálla',
        'Olsen',
        'Ságat',
        'Sara',
        'Sárá',
        'Šiell',
        'Tann',
        'Ŧeppe',
        'Uvdal',
        'Zahl',
        'Žur',
      ];
      expect(surnames(order.toReversed(), language)).toEqual(order);
    },
  );

  it('RL-09 goes by surname, then first name, then number', () => {
    const rows = [
      person('Ek', 'Åsa'),
      person('Ek', 'Anna', '199602022385'),
      person('Dahl', 'Örjan'),
      person('Ek', 'Anna', '199501012384'),
    ];
    expect(inListOrder(rows, 'sv')).toEqual([rows[2], rows[3], rows[1], rows[0]]);
  });

  it('RL-09 is the same whatever order the rows came in', () => {
    const name = fc.constantFrom('Öberg', 'Ek', 'ek', 'Åkesson', 'Ärlig', 'Zahl', 'Çelik', 'Svensson-Østergaard');
    const unique = fc.uniqueArray(fc.record({ surname: name, givenName: name, personNumber: fc.stringMatching(/^\d{12}$/) }), {
      selector: (row) => row.personNumber,
      maxLength: 30,
    });
    fc.assert(
      fc.property(
        unique.chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }))),
        ([rows, shuffled]) => {
          expect(inListOrder(shuffled, 'sv')).toEqual(inListOrder(rows, 'sv'));
        },
      ),
    );
  });
});
