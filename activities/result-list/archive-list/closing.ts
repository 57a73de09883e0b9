import { wallClock } from '../../../workflows/rules/civil-time.js';
import type { ArchiveList } from '../archive-list.js';
import { HEADING, LABEL } from '../../paper/parts.js';
import { byHand } from './by-hand.js';
import { artifact, heightOf, ink, rule, sheet, tag, write, type Document, type Element, type Piece } from '../../paper/sheet.js';
import type { Words } from './words.js';

/** Grades of the scales in use, best first; any other comes after them by the alphabet. */
const BEST_FIRST = ['A', 'B', 'C', 'D', 'E', 'FX', 'Fx', 'F', '5', '4', '3', 'VG', 'G', 'TG', 'U'];

/** How many rows have each grade, best grade first. */
export function countsPerGrade(rows: ArchiveList['rows']): (readonly [grade: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const { grade } of rows) counts.set(grade, (counts.get(grade) ?? 0) + 1);
  const place = (grade: string) => (BEST_FIRST.includes(grade) ? BEST_FIRST.indexOf(grade) : BEST_FIRST.length);
  return [...counts].toSorted(([a], [b]) => place(a) - place(b) || a.localeCompare(b, 'en'));
}

const GRADES = { x: sheet.left, width: 140 } as const;
const SIGNATURE = { x: 246, width: sheet.right - 246 } as const;
const ROW = 15;

/** The end of the list, measured: counts per grade, signature, control number, hash. It is never split over two pages. */
export interface Closing {
  readonly height: number;
  readonly draw: (root: Element, y: number) => void;
}

function countsTable(doc: Document, list: ArchiveList, text: Words): Closing {
  const lines = [...countsPerGrade(list.rows), [text.total, list.rows.length] as const];
  const cells = (grade: string, count: string, look: Pick<Piece, 'size' | 'face'>): [Piece, Piece] => [
    { ...look, text: grade, x: GRADES.x, width: GRADES.width - 50 },
    { ...look, text: count, x: GRADES.x + GRADES.width - 50, width: 50, align: 'right' },
  ];
  const draw = (root: Element, top: number) => {
    tag(doc, root, 'H2', [() => write(doc, { ...HEADING, ...GRADES, text: text.counts }, top)]);
    const table = tag(doc, root, 'Table');
    let y = top + 20;
    const head = tag(doc, table, 'TR');
    for (const cell of cells(text.grade, text.count, { size: 7.25, face: 'strong' }))
      tag(doc, head, 'TH', [() => write(doc, cell, y)], 'Column');
    head.end();
    y += ROW;
    rule(doc, { y: y - 1.5, from: GRADES.x, to: GRADES.x + GRADES.width, weight: 0.8 });
    lines.forEach(([grade, count], index) => {
      const last = index === lines.length - 1;
      if (last) rule(doc, { y: y - 0.5, from: GRADES.x, to: GRADES.x + GRADES.width, weight: 0.5 });
      const row = tag(doc, table, 'TR');
      const [name, number] = cells(grade, String(count), { size: 8.8, ...(last ? { face: 'strong' as const } : {}) });
      tag(doc, row, 'TH', [() => write(doc, name, y)], 'Row');
      tag(doc, row, 'TD', [() => write(doc, number, y)]);
      row.end();
      y += ROW;
    });
    table.end();
  };
  return { height: 20 + ROW * (lines.length + 1), draw };
}

function signatureBlock(doc: Document, list: ArchiveList, text: Words): Closing {
  const { by, method, at } = list.signature;
  const labelled = ([label, value]: readonly [string, string]) => ({
    label: { ...LABEL, text: label, x: SIGNATURE.x, width: 76 },
    value: { text: value, size: 9.25, x: SIGNATURE.x + 80, width: SIGNATURE.width - 80 },
  });
  const lines = [
    [text.signedBy, by],
    [text.signedWith, text.methods[method]],
    [text.signedAt, wallClock(at, list.zone)],
  ] as const;
  const pieces = lines.map(labelled).map((line) => ({ ...line, height: heightOf(doc, line.value) + 2 }));
  const signed = pieces.reduce((sum, { height }) => sum + height, 20);
  const box = { top: signed + 8, height: 54 } as const;
  const number = `${list.controlNumber.slice(0, 4)} ${list.controlNumber.slice(4, 8)} ${list.controlNumber.slice(8)}`;
  const inset = { x: SIGNATURE.x + 12, width: SIGNATURE.width - 24 };
  const draw = (root: Element, top: number) => {
    tag(doc, root, 'H2', [() => write(doc, { ...HEADING, ...SIGNATURE, text: text.signature }, top)]);
    let y = top + 20;
    for (const { label, value, height } of pieces) {
      const line = y;
      tag(doc, root, 'P', [() => write(doc, label, line + 2), () => write(doc, value, line)]);
      y += height;
    }
    const boxAt = top + box.top;
    artifact(doc, 'Layout', () => {
      doc.lineWidth(0.8).strokeColor(ink).rect(SIGNATURE.x, boxAt, SIGNATURE.width, box.height).stroke();
    });
    tag(doc, root, 'P', [
      () => write(doc, { ...LABEL, ...inset, text: text.controlNumber }, boxAt + 7),
      () => write(doc, { ...inset, text: number, size: 18, face: 'strong', spacing: 0.6 }, boxAt + 21),
    ]);
    const use: Piece = { ...LABEL, ...inset, text: text.controlNumberUse, align: 'right' };
    tag(doc, root, 'P', [() => write(doc, use, boxAt + 7)]);
  };
  return { height: box.top + box.height, draw };
}

/** Measures the end of the list (RL-44, RL-45, AU-04): the control number stands here and nowhere else in the document. */
export function closing(doc: Document, list: ArchiveList, text: Words): Closing {
  const [counts, signature] = [countsTable(doc, list, text), signatureBlock(doc, list, text)];
  const hash: Piece = { text: list.hash, x: sheet.left, width: sheet.right - sheet.left, size: 8.8 };
  const side = Math.max(counts.height, signature.height);
  const upToHand = 18 + side + 12 + 11 + heightOf(doc, hash) + 14;
  const hand = byHand(doc, list);
  return {
    height: upToHand + (hand?.height ?? -14),
    draw: (root, y) => {
      counts.draw(root, y + 18);
      signature.draw(root, y + 18);
      const hashAt = y + 18 + side + 12;
      const label: Piece = { ...hash, ...LABEL, text: text.hash };
      tag(doc, root, 'P', [() => write(doc, label, hashAt), () => write(doc, hash, hashAt + 11)]);
      hand?.draw(root, y + upToHand);
    },
  };
}
