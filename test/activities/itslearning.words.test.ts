import { describe, expect, it } from '../spec.js';
import type { PlatformGrade } from '../../activities/itslearning.js';
import { translated, type GradeWord } from '../../activities/itslearning/translation.js';
import { rooms, student } from '../simulators/sample.js';

const uid = (index: number) => student(index).uid;

describe('words into grades', () => {
  const AF = ['A', 'B', 'C', 'D', 'E', 'FX', 'F'];
  const UG = ['U', 'G'];
  const table: readonly GradeWord[] = [
    { course: null, word: 'Godkänd', grade: 'G' },
    { course: null, word: 'Ej godkänd', grade: 'U' },
    { course: 'XX1000', word: 'Underkänd', grade: 'F' },
    { course: 'YY2000', word: 'Godkänd', grade: 'VG' },
  ];
  const said = (...words: (string | null)[]): PlatformGrade[] =>
    words.map((word, index) => ({ personKey: uid(index), word, score: 42.5 }));
  const put = (given: readonly PlatformGrade[], codes = AF, course = 'XX1000', words = table) =>
    translated(given, { course, table: words, codes });

  it('RL-15 translates by the table and takes a code of the scale as it stands', () => {
    expect(put(said('A', 'Underkänd', 'FX'))).toEqual({
      grades: [
        { personKey: uid(0), grade: 'A' },
        { personKey: uid(1), grade: 'F' },
        { personKey: uid(2), grade: 'FX' },
      ],
      told: [],
    });
    expect(put(said('G', 'Godkänd', 'Ej godkänd'), UG).grades.map(({ grade }) => grade)).toEqual(['G', 'G', 'U']);
  });

  it('RL-15 lets the course say what a word means before the institution, and the table before the word itself', () => {
    const UV = ['U', 'G', 'VG'];
    expect(put(said('Godkänd'), UV, 'YY2000').grades).toEqual([{ personKey: uid(0), grade: 'VG' }]);
    expect(put(said('Godkänd'), UV, 'ZZ3000').grades).toEqual([{ personKey: uid(0), grade: 'G' }]);
    expect(put(said('B'), ['S', 'B', 'A'], 'XX1000', [{ course: null, word: 'B', grade: 'A' }]).grades).toEqual([
      { personKey: uid(0), grade: 'A' },
    ]);
  });

  it('RL-15 tells words that nobody has mapped, and guesses nothing', () => {
    for (const word of ['a', 'Väl godkänd', 'godkänd', 'A+', 'Komplettering'])
      expect(put(said(word))).toEqual({ grades: [], told: [{ personKey: uid(0), word, why: 'unknown-word' }] });
  });

  it('RL-15 tells a word whose grade is not in the scale of the module', () => {
    expect(put(said('Godkänd'), AF)).toEqual({ grades: [], told: [{ personKey: uid(0), word: 'Godkänd', why: 'unknown-word' }] });
  });

  it('RL-15 makes no grade of a score', () => {
    expect(put(said(null))).toEqual({ grades: [], told: [{ personKey: uid(0), word: null, why: 'no-word' }] });
  });

  it('RL-15 tells a grade of somebody without a key', () => {
    expect(put([{ personKey: null, word: 'A', score: null }])).toEqual({
      grades: [],
      told: [{ personKey: null, word: 'A', why: 'no-key' }],
    });
  });

  it('RL-15 gives somebody with two grades none of them, unless they are the same', () => {
    const of = (...words: (string | null)[]) => words.map((word) => ({ personKey: uid(0), word, score: null }));
    expect(put(of('A', 'A')).grades).toEqual([{ personKey: uid(0), grade: 'A' }]);
    expect(put(of('Underkänd', 'F'))).toEqual({ grades: [{ personKey: uid(0), grade: 'F' }], told: [] });
    expect(put(of('A', 'B', 'A'))).toEqual({
      grades: [],
      told: ['A', 'B', 'A'].map((word) => ({ personKey: uid(0), word, why: 'contradictory' })),
    });
    for (const other of ['Komplettering', null])
      for (const words of [
        ['A', other],
        [other, 'A'],
      ])
        expect(put(of(...words)).told.map(({ word, why }) => [word, why])).toEqual(
          words.map((word) => [word, word === 'A' ? 'contradictory' : word === null ? 'no-word' : 'unknown-word']),
        );
  });

  it('RL-15 reads a word as it looks: without spaces around it, however its letters are composed', () => {
    expect(put(said(' Underkänd ', 'Underkänd'.normalize('NFD'))).grades.map(({ grade }) => grade)).toEqual(['F', 'F']);
  });

  it('RL-15 has in the sample words that need the table, and one that nobody has mapped', () => {
    const inColumn = (room: number, column: number) =>
      rooms[room]!.columns[column]!.grades.map(({ person, word, score }) => ({ personKey: person, word, score }));
    expect(put(inColumn(0, 0)).told.map(({ word }) => word)).toEqual(['Godkänd', null]);
    expect(put(inColumn(0, 1), UG).told).toEqual([]);
    expect(put(inColumn(1, 0), ['U', 'G', 'VG'], 'ZZ3000').told.map(({ word }) => word)).toEqual([
      'Väl godkänd',
      'Komplettering',
    ]);
  });
});
