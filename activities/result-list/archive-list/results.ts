import { personNumberText } from '../../personal-number.js';
import type { ArchiveList } from '../archive-list.js';
import {
  artifact,
  heightOf,
  rule,
  sheet,
  tag,
  widthOf,
  write,
  type Document,
  type Element,
  type Piece,
} from '../../paper/sheet.js';
import type { Words } from './words.js';

type Row = ArchiveList['rows'][number];
type Column = keyof Row;

/** Left edge and width of each column; the gaps keep neighbours apart. */
const COLUMNS: Readonly<Record<Column, { readonly x: number; readonly width: number }>> = {
  personNumber: { x: sheet.left, width: 68 },
  surname: { x: 130, width: 118 },
  givenName: { x: 256, width: 102 },
  grade: { x: 366, width: 36 },
  examinationDate: { x: 408, width: 73 },
  score: { x: 485, width: sheet.right - 485 },
};
const ORDER = Object.keys(COLUMNS) as Column[];
const HEAD = { size: 7.25, face: 'strong' } as const;
const BODY = { size: 8.8 } as const;
const PADDING = 3;

/** A row of the list, measured. `pieces` are its cells. */
export interface Measured {
  readonly height: number;
  readonly pieces: Readonly<Record<Column, Piece>>;
}

const wholePart = (score: string) => /^\d*/.exec(score)?.[0] ?? '';

/** Measures all rows. Scores stand under each other by their decimal sign. */
export function measureRows(doc: Document, rows: ArchiveList['rows']): Measured[] {
  const width = (text: string) => widthOf(doc, { ...BODY, text });
  const behind = (score: string) => width(score) - width(wholePart(score));
  const deepest = Math.max(0, ...rows.map(({ score }) => (score === null ? 0 : behind(score))));
  return rows.map((row) => {
    const cell = (column: Column, text: string): Piece => ({ ...BODY, ...COLUMNS[column], text });
    const score = cell('score', row.score ?? '–');
    const pieces = {
      personNumber: cell('personNumber', personNumberText(row.personNumber)),
      surname: cell('surname', row.surname),
      givenName: cell('givenName', row.givenName),
      grade: cell('grade', row.grade),
      examinationDate: cell('examinationDate', row.examinationDate),
      score: { ...score, width: score.width - deepest + (row.score === null ? 0 : behind(row.score)), align: 'right' as const },
    };
    return { pieces, height: Math.max(...ORDER.map((column) => heightOf(doc, pieces[column]))) + 2 * PADDING };
  });
}

const headPieces = (text: Words): Piece[] =>
  ORDER.map((column) => ({
    ...HEAD,
    ...COLUMNS[column],
    text: text[column],
    ...(column === 'score' ? { align: 'right' as const } : {}),
  }));

/** Height of the head row in points. */
export const headHeight = (doc: Document, text: Words): number =>
  Math.max(...headPieces(text).map((piece) => heightOf(doc, piece))) + 2 * PADDING;

/**
 * Draws the head row of a page; on the first page it is part of the table, later it only shows again. Gives where the rows begin.
 */
export function drawHead(doc: Document, text: Words, at: { y: number; table?: Element }): number {
  const pieces = headPieces(text);
  const height = headHeight(doc, text);
  const draws = pieces.map((piece) => () => write(doc, piece, at.y + height - PADDING - heightOf(doc, piece)));
  if (at.table) {
    const head = tag(doc, at.table, 'THead');
    const row = tag(doc, head, 'TR');
    for (const draw of draws) tag(doc, row, 'TH', [draw], 'Column');
    head.end();
  } else artifact(doc, 'Pagination', () => draws.forEach((draw) => draw()));
  rule(doc, { y: at.y + height, weight: 0.8 });
  return at.y + height;
}

/** Draws one row. Gives where the next one begins. */
export function drawRow(doc: Document, body: Element, row: Measured, y: number): number {
  const element = tag(doc, body, 'TR');
  for (const column of ORDER) {
    const draw = () => write(doc, row.pieces[column], y + PADDING);
    if (column === 'personNumber') tag(doc, element, 'TH', [draw], 'Row');
    else tag(doc, element, 'TD', [draw]);
  }
  element.end();
  rule(doc, { y: y + row.height, weight: 0.35, color: '#bbbbbb' });
  return y + row.height;
}
