import { termOf } from '../../../workflows/rules/civil-time.js';
import type { ArchiveList } from '../archive-list.js';
import { artifact, grey, heightOf, rule, sheet, tag, widthOf, write, type Document, type Element, type Piece } from './paper.js';
import type { Words } from './words.js';

const COLUMNS = [{ x: sheet.left, width: 292 }, { x: 366, width: sheet.right - 366 }] as const;
const LABEL = { size: 7.25, color: grey } as const;

/** Name in the language of the list; Norwegian readers get the Swedish name. */
const nameIn = (language: ArchiveList['language'], named: { nameSv: string; nameEn: string }) =>
  (language === 'en' ? named.nameEn : named.nameSv);

/** The terms in which the examinations lie, in words. */
const termsOf = (list: ArchiveList, text: Words): string =>
  [...new Set(list.rows.map((row) => termOf(row.examinationDate)))].sort().map((term) => text.termOf(term.slice(0, 4), term.endsWith('2'))).join(', ');

/** Draws the head of the first page: whose list it is, and what it is about. Gives the height at which the table may begin. */
export function drawFront(doc: Document, root: Element, list: ArchiveList, text: Words): number {
  const whole = sheet.right - sheet.left;
  const issuer: Piece = { text: list.institution, x: sheet.left, width: whole, size: 9.25, color: grey };
  tag(doc, root, 'P', [() => write(doc, issuer, sheet.top)]);
  const titleAt = sheet.top + heightOf(doc, issuer) + 4;
  tag(doc, root, 'H1', [() => write(doc, { text: text.title, x: sheet.left, width: 300, size: 22, face: 'strong' }, titleAt)]);
  const number: Piece = { text: list.number, x: 360, width: sheet.right - 360, size: 22, face: 'strong', align: 'right' };
  const numberLabel: Piece = { ...LABEL, text: text.listNumber, x: 360, width: number.width - widthOf(doc, number) - 8, align: 'right' };
  tag(doc, root, 'P', [() => write(doc, numberLabel, titleAt + 14.2), () => write(doc, number, titleAt)]);
  const ruleAt = titleAt + 38;
  rule(doc, { y: ruleAt, weight: 1.2 });

  const coded = (what: ArchiveList['course']) => `${what.code}  ${nameIn(list.language, what)}`;
  const fields: readonly (readonly [readonly [string, string], readonly [string, string]])[] = [
    [[text.course, coded(list.course)], [text.examiner, list.signature.by]],
    [[text.module, list.module ? coded(list.module) : text.wholeCourse], [text.scale, list.scale]],
    ...(list.title === undefined ? [] : [[[text.work, list.title], ['', '']]] as const),
    [[text.kind, text.kinds[list.kind]], [text.students, String(list.rows.length)]],
    [[text.term, termsOf(list, text)], ['', '']],
  ];
  let y = ruleAt + 10;
  for (const row of fields) {
    const pieces = row.map(([label, value], column) => {
      const place = COLUMNS[column] ?? COLUMNS[0];
      return { label: { ...LABEL, ...place, text: label }, value: { ...place, text: value.normalize('NFC'), size: 10 } };
    });
    for (const { label, value } of pieces.filter((piece) => piece.label.text !== '')) tag(doc, root, 'P', [() => write(doc, label, y), () => write(doc, value, y + 10.5)]);
    y += 10.5 + Math.max(...pieces.map(({ value }) => heightOf(doc, value))) + 6;
  }
  return y + 8;
}

/** Draws what stands at the top of every page after the first. Gives the height at which the table may go on. */
export function drawRunningHead(doc: Document, list: ArchiveList, text: Words): number {
  const half = (sheet.right - sheet.left) / 2;
  artifact(doc, 'Pagination', () => {
    write(doc, { text: `${text.title} ${list.number}`, x: sheet.left, width: half, size: 8.5, face: 'strong' }, sheet.top);
    const what = `${list.course.code}  ${list.module?.code ?? text.wholeCourse}`;
    write(doc, { text: what, x: sheet.left + half, width: half, size: 8.5, color: grey, align: 'right' }, sheet.top);
  });
  return sheet.top + sheet.runningHead;
}

/** Draws the foot of a page: list number and "page x of y". */
export function drawFooter(doc: Document, list: ArchiveList, text: Words, at: { page: number; pages: number }): void {
  const half = (sheet.right - sheet.left) / 2;
  rule(doc, { y: sheet.footer - 5, weight: 0.4, color: '#999999' });
  artifact(doc, 'Pagination', () => {
    write(doc, { ...LABEL, text: `${text.list} ${list.number}`, x: sheet.left, width: half }, sheet.footer);
    write(doc, { ...LABEL, text: text.page(at.page, at.pages), x: sheet.left + half, width: half, align: 'right' }, sheet.footer);
  });
}
