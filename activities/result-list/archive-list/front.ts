import { termOf } from '../../../workflows/rules/civil-time.js';
import type { ArchiveList } from '../archive-list.js';
import { drawFacts, drawFoot, drawTitle, type Fact } from '../../paper/parts.js';
import { artifact, grey, sheet, write, type Document, type Element } from '../../paper/sheet.js';
import type { Words } from './words.js';

const COLUMNS = [
  { x: sheet.left, width: 292 },
  { x: 366, width: sheet.right - 366 },
] as const;

/** Name in the language of the list; Norwegian readers get the Swedish name. */
const nameIn = (language: ArchiveList['language'], named: { nameSv: string; nameEn: string }) =>
  language === 'en' ? named.nameEn : named.nameSv;

/** The terms in which the examinations lie, in words. */
const termsOf = (list: ArchiveList, text: Words): string =>
  [...new Set(list.rows.map((row) => termOf(row.examinationDate)))]
    .sort()
    .map((term) => text.termOf(term.slice(0, 4), term.endsWith('2')))
    .join(', ');

/** Draws the head of the first page: whose list it is, and what it is about. Gives the height at which the table may begin. */
export function drawFront(doc: Document, root: Element, list: ArchiveList, text: Words): number {
  const ruleAt = drawTitle(doc, root, {
    issuer: list.institution,
    title: text.title,
    numberLabel: text.listNumber,
    number: list.number,
  });
  const coded = (what: ArchiveList['course']) => `${what.code}  ${nameIn(list.language, what)}`;
  const facts: readonly (readonly [Fact, Fact])[] = [
    [
      [text.course, coded(list.course)],
      [text.examiner, list.signature.by],
    ],
    [
      [text.module, list.module ? coded(list.module) : text.wholeCourse],
      [text.scale, list.scale],
    ],
    ...(list.title === undefined
      ? []
      : ([
          [
            [text.work, list.title],
            ['', ''],
          ],
        ] as const)),
    [
      [text.kind, text.kinds[list.kind]],
      [text.students, String(list.rows.length)],
    ],
    [
      [text.term, termsOf(list, text)],
      ['', ''],
    ],
  ];
  return drawFacts(doc, root, facts, { y: ruleAt + 10, columns: COLUMNS });
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
export const drawFooter = (doc: Document, list: ArchiveList, text: Words, at: { page: number; pages: number }): void =>
  drawFoot(doc, `${text.list} ${list.number}`, text.page(at.page, at.pages));
