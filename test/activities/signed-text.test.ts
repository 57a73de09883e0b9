import { describe, expect, it } from '../spec.js';
import { hashOf } from '../../activities/case/seal.js';
import { MOST_LISTS, namedIn, nonVisible, sumOf, visibleText, type Laid } from '../../activities/result-list/signed-text.js';

const row = (grade: string) => ({
  salt: 's',
  row: {
    student: 'u',
    personNumber: '198001012392',
    surname: 'Öberg',
    givenName: 'Åsa',
    grade,
    examinationDate: '2026-11-02',
    score: null,
  },
});
const laid = (number: string, grades: readonly string[], header: object = {}): Laid => ({
  number,
  hash: hashOf(number),
  course: 'Exempelkurs',
  module: 'Tentamen',
  frozen: {
    header: { list: number, version: 3, kind: 'T33', course: 'XX1000', module: 'TEN1', scale: 'AF', ...header },
    rows: grades.map(row),
  },
});
const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64').length;

describe('what is signed with BankID', () => {
  it('RL-40 shows one list with course, module, title, grades and its hash', () => {
    expect(visibleText([laid('4711', ['A', 'B', 'B'])])).toBe(
      `Jag signerar resultatlista 4711\nXX1000 Exempelkurs, TEN1 Tentamen\n3 studenter: A 1, B 2\nKontrollsumma ${hashOf('4711')}`,
    );
    expect(visibleText([laid('4711', ['A'], { module: undefined, title: 'Broar' })])).toBe(
      `Jag signerar resultatlista 4711\nXX1000 Exempelkurs, hel kurs\nTitel: Broar\n1 student: A 1\nKontrollsumma ${hashOf('4711')}`,
    );
  });

  it('RL-40 shows of several lists how many lists and results, one hash over all, and a line for each', () => {
    const lists = [laid('4711', ['A', 'B']), laid('4712', ['A'], { course: 'EX4000', module: undefined })];
    const sum = hashOf([
      { list: '4711', version: 3, sha256: hashOf('4711') },
      { list: '4712', version: 3, sha256: hashOf('4712') },
    ]);
    expect(visibleText(lists)).toBe(
      [
        'Jag signerar 2 resultatlistor med sammanlagt 3 resultat',
        `Kontrollsumma för alla: ${sum}`,
        '',
        '4711: XX1000 TEN1, 2 studenter',
        '4712: EX4000 hel kurs, 1 student',
      ].join('\n'),
    );
  });

  it('RL-40 names number, version and hash of each list unseen, and reads them back', () => {
    const named = [
      { list: '4711', version: 3, sha256: hashOf('4711') },
      { list: '4712', version: 3, sha256: hashOf('4712') },
    ];
    expect(namedIn(nonVisible([laid('4711', ['A']), laid('4712', [])]))).toEqual(named);
    for (const text of ['', '{', '[]', '{"lists":[]}', '{"lists":[{"list":"4711"}]}']) expect(namedIn(text)).toBeUndefined();
  });

  it('RL-40 has a hash over all that is another when any list, version, hash or the order of them is', () => {
    const [a, b] = [
      { list: '4711', version: 3, sha256: 'aa' },
      { list: '4712', version: 3, sha256: 'bb' },
    ];
    const others = [[b, a], [a], [a, { ...b, version: 4 }], [a, { ...b, sha256: 'bc' }], [a, { ...b, list: '4713' }], [a, b, b]];
    expect(new Set([[a, b], ...others].map(sumOf)).size).toBe(7);
    expect(sumOf([a])).toBe('aa');
  });

  it('RL-40 fits into what BankID takes for as many lists as an order may have, with the longest numbers and codes', () => {
    const rows = Array.from({ length: 1_000 }, () => 'A');
    const lists = Array.from({ length: MOST_LISTS }, (_, i) =>
      laid(`9999999999999${String(i).padStart(2, '0')}`, rows, {
        course: 'Å'.repeat(12),
        module: 'Ö'.repeat(12),
        version: 1_000_000,
      }),
    );
    expect(MOST_LISTS).toBe(200);
    expect(base64(visibleText(lists))).toBeLessThan(40_000);
    expect(base64(nonVisible(lists))).toBeLessThan(200_000);
  });

  it('RL-40 fits into what BankID takes for one list with the longest names and title', () => {
    const one: Laid = {
      ...laid(
        '4711',
        Array.from({ length: 1_000 }, (_, i) => `G${i % 50}`),
        { title: 'ŋ'.repeat(300) },
      ),
      course: 'ŋ'.repeat(1_000),
      module: 'ŋ'.repeat(1_000),
    };
    expect(base64(visibleText([one]))).toBeLessThan(40_000);
  });
});
