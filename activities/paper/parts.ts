import { artifact, grey, heightOf, rule, sheet, tag, widthOf, write, type Document, type Element, type Piece } from './sheet.js';

/** How small print above or beside a value looks. */
export const LABEL = { size: 7.25, color: grey } as const;
/** How headings look; sizes in points. */
export const HEADING = { size: 10.5, face: 'strong' } as const;
/** The width between the margins, in points. */
export const WHOLE = sheet.right - sheet.left;

/** A label and what stands under it; without a label the place stays empty. */
export type Fact = readonly [label: string, value: string];

/** Where text stands, in points from the left edge of the paper. */
export interface Place {
  readonly x: number;
  readonly width: number;
}

/** Draws who issues a document, what it is, and its number with a label before it. Gives the height of the line below. */
export function drawTitle(
  doc: Document,
  root: Element,
  head: { readonly issuer: string; readonly title: string; readonly numberLabel: string; readonly number: string },
): number {
  const issuer: Piece = { text: head.issuer, x: sheet.left, width: WHOLE, size: 9.25, color: grey };
  tag(doc, root, 'P', [() => write(doc, issuer, sheet.top)]);
  const titleAt = sheet.top + heightOf(doc, issuer) + 4;
  tag(doc, root, 'H1', [() => write(doc, { text: head.title, x: sheet.left, width: 300, size: 22, face: 'strong' }, titleAt)]);
  const number: Piece = { text: head.number, x: 360, width: sheet.right - 360, size: 22, face: 'strong', align: 'right' };
  const label: Piece = {
    ...LABEL,
    text: head.numberLabel,
    x: 360,
    width: number.width - widthOf(doc, number) - 8,
    align: 'right',
  };
  tag(doc, root, 'P', [() => write(doc, label, titleAt + 14.2), () => write(doc, number, titleAt)]);
  rule(doc, { y: titleAt + 38, weight: 1.2 });
  return titleAt + 38;
}

/** Draws facts beside each other in columns, row by row. Gives the height at which the next thing may begin. */
export function drawFacts(
  doc: Document,
  root: Element,
  rows: readonly (readonly Fact[])[],
  at: { readonly y: number; readonly columns: readonly [Place, ...Place[]] },
): number {
  let { y } = at;
  for (const row of rows) {
    const pieces = row.map(([label, value], column) => {
      const place = at.columns[column] ?? at.columns[0];
      return { label: { ...LABEL, ...place, text: label }, value: { ...place, text: value, size: 10 } };
    });
    for (const { label, value } of pieces.filter((piece) => piece.label.text !== ''))
      tag(doc, root, 'P', [() => write(doc, label, y), () => write(doc, value, y + 10.5)]);
    y += 10.5 + Math.max(...pieces.map(({ value }) => heightOf(doc, value))) + 6;
  }
  return y + 8;
}

/** Draws the foot of a page: what the document is, and which page. */
export function drawFoot(doc: Document, what: string, page: string): void {
  rule(doc, { y: sheet.footer - 5, weight: 0.4, color: '#999999' });
  artifact(doc, 'Pagination', () => {
    write(doc, { ...LABEL, text: what, x: sheet.left, width: WHOLE / 2 }, sheet.footer);
    write(doc, { ...LABEL, text: page, x: sheet.left + WHOLE / 2, width: WHOLE / 2, align: 'right' }, sheet.footer);
  });
}

const PLACE_AND_DATE = { x: sheet.left, width: 190 } as const;
const SIGNATURE = { x: 276, width: sheet.right - 276 } as const;

/**
 * Two lines for a hand: place and date, and a signature, with what stands under each. `height` is what they take below `y`, where
 * the lines are.
 */
export function signatureLines(
  doc: Document,
  under: { readonly placeAndDate: string; readonly signature: string },
): { readonly height: number; readonly draw: (root: Element, y: number) => void } {
  const place: Piece = { ...LABEL, ...PLACE_AND_DATE, text: under.placeAndDate };
  const signature: Piece = { ...LABEL, ...SIGNATURE, text: under.signature };
  return {
    height: 3 + Math.max(heightOf(doc, place), heightOf(doc, signature)),
    draw: (root, y) => {
      for (const { x, width } of [PLACE_AND_DATE, SIGNATURE]) rule(doc, { y, from: x, to: x + width, weight: 0.6 });
      tag(doc, root, 'P', [() => write(doc, place, y + 3), () => write(doc, signature, y + 3)]);
    },
  };
}
