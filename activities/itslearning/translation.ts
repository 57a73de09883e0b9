import type { PlatformGrade } from '../itslearning.js';

/**
 * What a word of the platform means: a row of the institution's table. `course` is the code of the course whose rooms use the
 * word so, null for all courses that say nothing else.
 */
export interface GradeWord {
  readonly course: string | null;
  readonly word: string;
  /** Code of a grade, such as `VG`. */
  readonly grade: string;
}

/**
 * Why a line of the platform gives no grade: a word that is in no table or means a grade outside the scale, no word at all
 * (a score is no grade), nobody we could look up, or a grade beside another line of the same person that says something else.
 */
export interface Untranslated {
  readonly personKey: string | null;
  readonly word: string | null;
  readonly why: 'unknown-word' | 'no-word' | 'no-key' | 'contradictory';
}

/** Each person at most once in `grades`; everything else stands in `told`. */
export interface Translation {
  readonly grades: readonly { readonly personKey: string; readonly grade: string }[];
  readonly told: readonly Untranslated[];
}

/** A line with its grade, or why it has none. */
interface Line extends Omit<Untranslated, 'why'> {
  readonly grade?: string;
  readonly why?: Untranslated['why'];
}

const plain = (word: string) => word.normalize('NFC').trim();

/**
 * Puts the platform's words into the grades of a module's scale (RL-15): by the course's table, else the institution's, else a
 * word that is a code of the scale as it stands. Nothing is guessed: no case is overlooked, no score made a grade, and what
 * cannot be translated is told.
 */
export function translated(
  given: readonly PlatformGrade[],
  { course, table, codes }: { readonly course: string; readonly table: readonly GradeWord[]; readonly codes: readonly string[] },
): Translation {
  const meaning = (word: string) => {
    const fit = (whose: string | null) => table.find((row) => row.course === whose && plain(row.word) === plain(word));
    return (fit(course) ?? fit(null))?.grade ?? plain(word);
  };
  const judge = ({ personKey, word }: PlatformGrade): Line => {
    if (personKey === null) return { personKey, word, why: 'no-key' };
    if (word === null) return { personKey, word, why: 'no-word' };
    const grade = meaning(word);
    return codes.includes(grade) ? { personKey, word, grade } : { personKey, word, why: 'unknown-word' };
  };
  const lines = given.map(judge);
  const gradeOf = new Map<string, string | null>();
  for (const { personKey, grade = null } of lines)
    if (personKey !== null) gradeOf.set(personKey, gradeOf.has(personKey) && gradeOf.get(personKey) !== grade ? null : grade);

  const told = lines.flatMap(({ personKey, word, why }) => {
    if (why) return [{ personKey, word, why }];
    return gradeOf.get(personKey ?? '') === null ? [{ personKey, word, why: 'contradictory' as const }] : [];
  });
  return { grades: [...gradeOf].flatMap(([personKey, grade]) => (grade === null ? [] : [{ personKey, grade }])), told };
}
