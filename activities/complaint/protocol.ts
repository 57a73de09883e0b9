import type { AssessmentUnit, Round, Scale } from '../../workflows/complaint/complaint.js';
import type { Language } from '../../workflows/process.js';
import { drawFacts, drawFoot, drawTitle, HEADING, signatureLines, WHOLE, type Fact } from '../paper/parts.js';
import {
  artifact,
  bytesOf,
  heightOf,
  ink,
  openDocument,
  sheet,
  tag,
  write,
  type Document,
  type Element,
  type Piece,
} from '../paper/sheet.js';
import { words, type Sending } from './protocol-words.js';

/** Somebody as the protocol names them. */
export interface Named {
  readonly givenName: string;
  readonly surname: string;
}

/**
 * One candidate's page. No first grade and no decision: the paper is signed by people who must not know them. Days are
 * `YYYY-MM-DD`.
 */
export interface CandidatePage {
  /** Number of the complaint. */
  readonly number: string;
  readonly journalNumber: string | null;
  readonly unit: AssessmentUnit;
  readonly courseNameNb: string;
  readonly courseNameEn: string;
  readonly scale: Scale;
  readonly candidate: string | null;
  readonly studentNumber: string;
  /** Null in the second grading: the committee knows the candidate by number alone. */
  readonly student: Named | null;
  readonly received: string;
  readonly sent: string | null;
  readonly round: Round;
  readonly committee: {
    readonly number: number;
    readonly name: string;
    readonly members: readonly (Named & { readonly external: boolean })[];
  };
  /**
   * Null where it is not registered (any more): the places stay empty, for a hand. `on`: the day it came into the protocol in FS,
   * or into the log where it stands there alone; null while it is on its way.
   */
  readonly result: { readonly grade: string; readonly passed: boolean; readonly on: string | null } | null;
  /** Who registered the grade, or is responsible while nobody has. */
  readonly caseWorker: Named;
  readonly sending: Sending;
}

/** What FS566.001 prints (GC-38..40). */
export interface Protocol {
  readonly institution: string;
  readonly pages: readonly CandidatePage[];
  readonly language: Language;
  /** Moment of printing, ISO 8601 in UTC: the document's own date. */
  readonly at: string;
}

const COLUMNS = [
  { x: sheet.left, width: 292 },
  { x: 366, width: sheet.right - 366 },
] as const;
/** Room for a hand above a line. */
const HAND = 27;
/** Room above a heading. */
const ABOVE = 8;

const nameOf = ({ givenName, surname }: Named) => `${givenName} ${surname}`;

/**
 * FS566.001, the assessment protocol of complaints, as a tagged PDF (PDF/UA-1) on A4: each candidate begins on a page of their
 * own (GC-39), with the committee (GC-38) and lines for its members and the case worker to sign (GC-40). The same data gives the
 * same bytes.
 */
export async function renderProtocol(input: Protocol): Promise<Buffer> {
  const { language } = input;
  const text = words[language];
  const doc = openDocument({ title: `FS566.001 ${text.title}`, language, at: input.at });
  const root = doc.struct('Document');
  doc.addStructure(root);
  for (const page of input.pages) drawCandidate(doc, root, { ...input, page });
  root.end();
  return bytesOf(doc);
}

/** Something measured that is not split over two pages. */
interface Block {
  readonly height: number;
  readonly draw: (root: Element, y: number) => void;
}

function drawCandidate(doc: Document, root: Element, input: Omit<Protocol, 'pages'> & { readonly page: CandidatePage }): void {
  const { page, language } = input;
  const text = words[language];
  doc.addPage();
  const ruleAt = drawTitle(doc, root, {
    issuer: input.institution,
    title: text.title,
    ...(page.candidate === null
      ? { numberLabel: text.studentNumber, number: page.studentNumber }
      : { numberLabel: text.candidate, number: page.candidate }),
  });
  const blocks = [
    sendingBox(doc, text.sendings[page.sending], page.sending === 'not-to-be-sent' || page.sending === 'registered-wrongly'),
    result(doc, page, language),
    ...signatures(doc, page, language),
  ];
  const sheets: Block[][] = [[]];
  let y = drawFacts(doc, root, facts(page, language), { y: ruleAt + 10, columns: COLUMNS });
  let left = sheet.bottom - y;
  for (const block of blocks) {
    if (block.height > left) {
      sheets.push([]);
      left = sheet.bottom - sheet.top;
    }
    sheets.at(-1)?.push(block);
    left -= block.height;
  }
  sheets.forEach((all, index) => {
    if (index > 0) {
      doc.addPage();
      y = sheet.top;
    }
    for (const block of all) {
      block.draw(root, y);
      y += block.height;
    }
    drawFoot(doc, `FS566.001 ${text.title}, ${text.complaint.toLowerCase()} ${page.number}`, text.page(index + 1, sheets.length));
  });
}

function facts(page: CandidatePage, language: Language): readonly (readonly Fact[])[] {
  const text = words[language];
  const { unit } = page;
  return [
    [
      [text.course, `${unit.course}  ${language === 'en' ? page.courseNameEn : page.courseNameNb}`],
      [text.combination, `${unit.combination}, ${text.version} ${unit.version}`],
    ],
    [
      [text.student, page.student ? nameOf(page.student) : '–'],
      [text.time, `${unit.year} ${unit.term}`],
    ],
    [[text.complaint, page.number], page.candidate === null ? [text.candidate, '–'] : [text.studentNumber, page.studentNumber]],
    [
      [text.journal, page.journalNumber ?? '–'],
      [text.report, `FS566.001, ${text.complaints}: ${text.yes}`],
    ],
    [
      [text.received, page.received],
      [text.sent, page.sent ?? '–'],
    ],
    [
      [text.round, text.rounds[page.round]],
      [text.scale, page.scale.grades.map(({ grade }) => grade).join(', ')],
    ],
  ];
}

function sendingBox(doc: Document, sentence: string, loud: boolean): Block {
  const piece: Piece = {
    text: sentence,
    x: sheet.left + 12,
    width: WHOLE - 24,
    size: 10,
    ...(loud ? { face: 'strong' as const } : {}),
  };
  const box = heightOf(doc, piece) + 16;
  return {
    height: box + 18,
    draw: (root, y) => {
      artifact(doc, 'Layout', () => {
        doc
          .lineWidth(loud ? 2 : 0.8)
          .strokeColor(ink)
          .rect(sheet.left, y, WHOLE, box)
          .stroke();
      });
      tag(doc, root, 'P', [() => write(doc, piece, y + 8)]);
    },
  };
}

const heading = (doc: Document, root: Element, title: string, y: number): void =>
  void tag(doc, root, 'H2', [() => write(doc, { ...HEADING, text: title, x: sheet.left, width: WHOLE }, y)]);

/** GC-20: the mark follows the grade. */
function result(doc: Document, { result: given }: CandidatePage, language: Language): Block {
  const text = words[language];
  const cells: readonly Fact[] = [
    [text.grade, given?.grade ?? ' '],
    [text.passed, given ? (given.passed ? 'B' : 'S') : ' '],
    [text.changeStatus, 'KLAGE'],
  ];
  return {
    height: 70,
    draw: (root, y) => {
      heading(doc, root, text.result, y);
      drawFacts(doc, root, [cells], { y: y + 22, columns: [{ x: sheet.left, width: 150 }, { x: 220, width: 130 }, COLUMNS[1]] });
    },
  };
}

/** GC-40: the examiners of the committee, and the case worker with the day of registration. */
function signatures(doc: Document, page: CandidatePage, language: Language): Block[] {
  const text = words[language];
  const { committee, caseWorker } = page;
  const signed = (who: Named & { readonly external?: boolean }, by = { under: text.placeAndDate, on: '' }): Block => {
    const lines = signatureLines(doc, {
      placeAndDate: by.under,
      signature: `${text.signature}, ${nameOf(who)}${who.external ? ` (${text.external})` : ''}`,
    });
    return {
      height: HAND + lines.height + 6,
      draw: (root, y) => {
        if (by.on) tag(doc, root, 'P', [() => write(doc, { text: by.on, x: sheet.left, width: 190, size: 10 }, y + HAND - 16)]);
        lines.draw(root, y + HAND);
      },
    };
  };
  const titled = (title: string, first: Block): Block => {
    const head = ABOVE + heightOf(doc, { ...HEADING, text: title, x: sheet.left, width: WHOLE });
    return {
      height: head + first.height,
      draw: (root, y) => {
        heading(doc, root, title, y + ABOVE);
        first.draw(root, y + head);
      },
    };
  };
  const [first, ...others] = committee.members.map((member) => signed(member));
  const worker = signed(caseWorker, {
    under: page.sending === 'not-to-be-sent' ? text.logged : text.registered,
    on: page.result?.on ?? '',
  });
  return [
    ...(first ? [titled(text.committee(committee.number, committee.name), first)] : []),
    ...others,
    titled(text.caseWorker, worker),
  ];
}
