import { z } from 'zod';
import { hashOf } from '../case/seal.js';
import type { Frozen } from './frozen.js';

/**
 * Lists that one order at BankID is about, at most. The two texts stay far below what BankID takes (40 000 and 200 000 characters
 * of base64).
 */
export const MOST_LISTS = 200;

/** A list as it is laid before the signer. */
export interface Laid {
  readonly number: string;
  readonly hash: string;
  readonly frozen: Frozen;
  /** As people know it; the codes are in the frozen header. */
  readonly course: string;
  readonly module?: string;
}

const named = z.object({ list: z.string(), version: z.number().int(), sha256: z.string() });
const hidden = z.object({ lists: z.array(named).min(1) });

/** A list as the signed data name it. */
export type Named = z.infer<typeof named>;

/** What is signed unseen: number, version and hash of every list. */
export const nonVisible = (lists: readonly Laid[]): string =>
  JSON.stringify({
    lists: lists.map(({ number, hash, frozen }): Named => ({ list: number, version: frozen.header.version, sha256: hash })),
  });

/** The lists that signed data name; undefined where they cannot be read so. */
export function namedIn(text: string): readonly Named[] | undefined {
  try {
    return hidden.parse(JSON.parse(text)).lists;
  } catch {
    return undefined;
  }
}

/** What the signer sees of all of it: the hash of the one list, or one over number, version and hash of each. */
export const sumOf = (lists: readonly Named[]): string => (lists.length === 1 && lists[0] ? lists[0].sha256 : hashOf(lists));

/**
 * What the examiner sees in the BankID app, in Swedish, as the app itself is a Swedish one: which lists, what they say in sum, and
 * the hash of all of it.
 */
export function visibleText(lists: readonly Laid[]): string {
  const [first] = lists;
  if (!first) throw new Error('nothing to sign');
  return (lists.length === 1 ? ofOne(first) : ofMany(lists)).join('\n');
}

function ofOne({ number, frozen, hash, course, module }: Laid): string[] {
  const { header, rows } = frozen;
  const sums = new Map<string, number>();
  for (const { row } of rows) if (row.grade) sums.set(row.grade, (sums.get(row.grade) ?? 0) + 1);
  return [
    `Jag signerar resultatlista ${number}`,
    `${header.course} ${course}, ${header.module ? `${header.module} ${module ?? ''}` : 'hel kurs'}`,
    ...(header.title === undefined ? [] : [`Titel: ${header.title}`]),
    `${students(rows.length)}: ${[...sums].map(([grade, n]) => `${grade} ${n}`).join(', ')}`,
    `Kontrollsumma ${hash}`,
  ];
}

function ofMany(lists: readonly Laid[]): string[] {
  const rows = lists.reduce((sum, { frozen }) => sum + frozen.rows.length, 0);
  return [
    `Jag signerar ${lists.length} resultatlistor med sammanlagt ${rows} resultat`,
    `Kontrollsumma för alla: ${sumOf(namedIn(nonVisible(lists)) ?? [])}`,
    '',
    ...lists.map(
      ({
        number,
        frozen: {
          header,
          rows: { length },
        },
      }) => `${number}: ${header.course} ${header.module ?? 'hel kurs'}, ${students(length)}`,
    ),
  ];
}

const students = (count: number) => (count === 1 ? '1 student' : `${count} studenter`);
