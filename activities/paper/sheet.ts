import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';

const { resolve } = createRequire(import.meta.url);
const faces = {
  regular: resolve('@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf'),
  strong: resolve('@expo-google-fonts/noto-sans/600SemiBold/NotoSans_600SemiBold.ttf'),
} as const;

/** A4 in points, measured from the top left corner. The left margin leaves room for punched holes. `runningHead` is a height. */
export const sheet = { left: 56, right: 548, top: 46, bottom: 778, footer: 796, runningHead: 26 } as const;
/** The colour of text. */
export const ink = '#111111';
/** The colour of what stands beside it. */
export const grey = '#555555';

/** A PDF being written. */
export type Document = PDFKit.PDFDocument;
/** An element of the tagged structure, which screen readers follow. */
export type Element = PDFKit.PDFStructureElement;

/** Text in its place: top left corner, width in which it wraps, size in points. */
export interface Piece {
  readonly text: string;
  readonly x: number;
  readonly width: number;
  readonly size: number;
  readonly face?: keyof typeof faces;
  readonly color?: string;
  readonly align?: 'left' | 'right';
  readonly spacing?: number;
}

/**
 * A text as it is printed, composed (NFC). A letter that the font lacks would vanish: its number in Unicode stands in its place,
 * such as [U+05D0]. What only turns the direction of text is left out: it would put other letters in disorder.
 */
function printed(doc: Document, text: string): string {
  // The declarations of pdfkit do not know its font in use, which is one of fontkit.
  const { font } = (doc as unknown as { _font: { font: { hasGlyphForCodePoint(point: number): boolean } } })._font;
  return text
    .normalize('NFC')
    .replaceAll('\t', ' ')
    .replace(/\p{Bidi_Control}/gu, '')
    .replace(/[^\r\n]/gu, (letter) => {
      const point = letter.codePointAt(0) ?? 0;
      return font.hasGlyphForCodePoint(point) ? letter : `[U+${point.toString(16).toUpperCase().padStart(4, '0')}]`;
    });
}

/** Makes the document ready for a piece; gives the piece as it is printed. */
function dress(doc: Document, piece: Piece): Piece {
  doc
    .font(faces[piece.face ?? 'regular'])
    .fontSize(piece.size)
    .fillColor(piece.color ?? ink);
  return { ...piece, text: printed(doc, piece.text) };
}

/**
 * Keeps letters such as `ị` whole: taken apart into letter and mark they look the same, but are copied and read aloud wrongly.
 */
const WHOLE_LETTERS = { ccmp: false } as unknown as PDFKit.Mixins.OpenTypeFeatures[];
const setting = ({ text, width, align, spacing }: Piece) => ({
  width,
  align: align ?? 'left',
  ...(spacing ? { characterSpacing: spacing } : {}),
  ...(/[\u0180-\u024f\u1e00-\u1eff]/.test(text) ? { features: WHOLE_LETTERS } : {}),
});

/** Height in points that a text takes when it wraps in its width. */
export function heightOf(doc: Document, piece: Piece): number {
  const dressed = dress(doc, piece);
  return doc.heightOfString(dressed.text, setting(dressed));
}

/** Width in points of a text on one line. */
export const widthOf = (doc: Document, piece: Omit<Piece, 'x' | 'width'>): number =>
  doc.widthOfString(dress(doc, { ...piece, x: 0, width: 0 }).text);

/** Writes a text at that height. */
export function write(doc: Document, piece: Piece, y: number): void {
  const dressed = dress(doc, piece);
  doc.text(dressed.text, dressed.x, y, setting(dressed));
}

/**
 * Opens a structure element below another one; with functions that draw its content it is filled and ended. `scope` is of a head
 * cell.
 */
export function tag(
  doc: Document,
  parent: Element,
  type: string,
  draws: readonly (() => void)[] = [],
  scope?: 'Column' | 'Row',
): Element {
  const element = doc.struct(type, scope ? ({ scope } as PDFKit.Mixins.StructureElementOptions) : {});
  parent.add(element);
  for (const draw of draws) element.add(draw);
  if (draws.length > 0) element.end();
  return element;
}

/** Draws what a screen reader leaves out: lines, and what stands on every page again. */
export function artifact(doc: Document, type: 'Layout' | 'Pagination', draw: () => void): void {
  doc.markContent('Artifact', { type });
  draw();
  doc.endMarkedContent();
}

/** A horizontal line, `weight` in points. */
export const rule = (doc: Document, line: { y: number; from?: number; to?: number; weight: number; color?: string }): void =>
  artifact(doc, 'Layout', () => {
    doc.lineWidth(line.weight).strokeColor(line.color ?? ink);
    doc
      .moveTo(line.from ?? sheet.left, line.y)
      .lineTo(line.to ?? sheet.right, line.y)
      .stroke();
  });

/**
 * An empty tagged document (PDF/UA-1) without a page. Its dates are `at`, so that equal content gives equal bytes. The title is
 * put into XML as it stands: no reserved characters.
 */
export function openDocument(about: { title: string; language: string; at: string }): Document {
  const doc = new PDFDocument({
    size: 'A4',
    margin: 0,
    autoFirstPage: false,
    font: faces.regular,
    // The type declarations of pdfkit know only the PDF/A subsets.
    subset: 'PDF/UA' as never,
    pdfVersion: '1.7',
    tagged: true,
    lang: about.language,
    displayTitle: true,
    info: { Title: about.title, Creator: 'Registrar', Producer: 'Registrar', CreationDate: new Date(about.at) },
  });
  // pdfkit takes the number 1 for PDF/A-1 too, and then adds a list of glyphs without the parts of composed ones, which PDF/UA
  // forbids.
  return Object.assign(doc, { subset: '1' });
}

/** The bytes of a document, which is ended here. */
export function bytesOf(doc: Document): Promise<Buffer> {
  return new Promise((done, failed) => {
    const chunks: Buffer[] = [];
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    doc.on('end', () => done(Buffer.concat(chunks)));
    doc.on('error', failed);
    doc.end();
  });
}
