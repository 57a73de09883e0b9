import type { Language } from '../../workflows/process.js';
import { wallClock } from '../../workflows/rules/civil-time.js';
import { drawFacts, drawFoot, drawTitle, HEADING, LABEL, WHOLE, type Fact } from '../paper/parts.js';
import {
  artifact,
  bytesOf,
  heightOf,
  ink,
  openDocument,
  rule,
  sheet,
  tag,
  write,
  type Document,
  type Element,
  type Piece,
} from '../paper/sheet.js';
import { words as listWords } from './archive-list/words.js';
import { nameIn } from '../case/people.js';
import { faultText, type Verification } from './verification.js';
import { checkTitles } from './verification-words.js';

interface Named {
  readonly code: string;
  readonly nameSv: string;
  readonly nameEn: string;
}

/**
 * What a signature document (signaturbevis) says: of which list, what was verified and when (UTC, ISO 8601). No student and no
 * control number.
 */
export interface SignatureDocument {
  readonly number: string;
  readonly institution: string;
  readonly course: Named;
  readonly module?: Named;
  readonly verification: Verification;
  readonly verifiedAt: string;
  /** IANA time zone in which moments are shown. */
  readonly zone: string;
  readonly language: Language;
}

interface Words {
  readonly title: string;
  readonly holds: string;
  readonly fails: (checks: number) => string;
  readonly rows: string;
  readonly verifiedAt: string;
  readonly checks: string;
  readonly what: string;
  readonly result: string;
  readonly passed: string;
  readonly failed: string;
  readonly marks: string;
  readonly audit: string;
  readonly entries: (from: string, to: string) => string;
  readonly before: string;
  readonly after: string;
  readonly root: string;
  readonly version: string;
  readonly together: (lists: number) => string;
}

const words: Readonly<Record<Language, Words>> = {
  sv: {
    title: 'Signaturbevis',
    holds: 'Signaturen stämmer. Alla kontroller är godkända.',
    fails: (n) => `Signaturen kan inte styrkas. ${n === 1 ? '1 kontroll är underkänd' : `${n} kontroller är underkända`}.`,
    rows: 'Signerade rader',
    verifiedAt: 'Kontrollerad',
    checks: 'Kontroller',
    what: 'Vad som kontrollerades',
    result: 'Utfall',
    passed: 'Godkänd',
    failed: 'Underkänd',
    marks: 'Uppgifter att jämföra med',
    audit: 'Granskningsloggens poster',
    entries: (from, to) => `${from} till ${to}`,
    before: 'Kontrollsumma före dem',
    after: 'Kontrollsumma efter dem',
    root: 'Betrodd rot vid signeringen (SHA-256)',
    version: 'Version',
    together: (n) => `${n} resultatlistor i en underskrift`,
  },
  nb: {
    title: 'Signaturbevis',
    holds: 'Signaturen stemmer. Alle kontroller er godkjent.',
    fails: (n) => `Signaturen kan ikke bekreftes. ${n === 1 ? '1 kontroll' : `${n} kontroller`} er ikke godkjent.`,
    rows: 'Signerte rader',
    verifiedAt: 'Kontrollert',
    checks: 'Kontroller',
    what: 'Hva som ble kontrollert',
    result: 'Utfall',
    passed: 'Godkjent',
    failed: 'Ikke godkjent',
    marks: 'Opplysninger å sammenligne med',
    audit: 'Poster i revisjonsloggen',
    entries: (from, to) => `${from} til ${to}`,
    before: 'Kontrollsum før dem',
    after: 'Kontrollsum etter dem',
    root: 'Betrodd rot ved signeringen (SHA-256)',
    version: 'Versjon',
    together: (n) => `${n} resultatlister i én signatur`,
  },
  en: {
    title: 'Signature verification',
    holds: 'The signature holds. All checks passed.',
    fails: (n) => `The signature cannot be confirmed. ${n === 1 ? '1 check' : `${n} checks`} failed.`,
    rows: 'Signed rows',
    verifiedAt: 'Verified at',
    checks: 'Checks',
    what: 'What was checked',
    result: 'Result',
    passed: 'Passed',
    failed: 'Failed',
    marks: 'For comparison',
    audit: 'Entries of the audit',
    entries: (from, to) => `${from} to ${to}`,
    before: 'Hash before them',
    after: 'Hash after them',
    root: 'Root trusted at the signing (SHA-256)',
    version: 'Version',
    together: (n) => `${n} result lists in one signature`,
  },
};

const WHAT = { x: sheet.left, width: 372 } as const;
const RESULT = { x: 448, width: sheet.right - 448 } as const;
const GAP = 3;

/**
 * The verification of a signature as a tagged PDF (PDF/UA-1) on A4, in the style of the archive list (BE-03). The same data
 * gives the same bytes.
 */
export async function renderSignatureDocument(input: SignatureDocument): Promise<Buffer> {
  const text = words[input.language];
  const doc = openDocument({ title: `${text.title} ${input.number}`, language: input.language, at: input.verifiedAt });
  const root = doc.struct('Document');
  doc.addStructure(root);
  doc.addPage();
  const page = { number: 1 };
  /** Where a block of that height may begin: here, or on a page of its own. */
  const room = (y: number, height: number) => {
    if (y + height <= sheet.bottom) return y;
    foot(doc, input, page.number);
    doc.addPage();
    page.number += 1;
    return sheet.top;
  };

  let y = drawHead(doc, root, input);
  y = drawVerdict(doc, root, input, y);
  tag(doc, root, 'H2', [() => write(doc, { text: text.checks, x: sheet.left, width: WHOLE, ...HEADING }, y)]);
  y = drawChecks(doc, root, input, { y: y + 20, room });
  const facts = marks(input);
  const measured = facts
    .map(([label, value]) => ({ label: piece(label, LABEL), value: piece(value, { size: 8.8 }) }))
    .map((one) => ({ ...one, height: 10.5 + heightOf(doc, one.value) + 5 }));
  y = room(y + 14, 18 + (measured[0]?.height ?? 0));
  tag(doc, root, 'H2', [() => write(doc, { text: text.marks, x: sheet.left, width: WHOLE, ...HEADING }, y)]);
  y += 18;
  for (const { label, value, height } of measured) {
    const at = room(y, height);
    tag(doc, root, 'P', [() => write(doc, label, at), () => write(doc, value, at + 10.5)]);
    y = at + height;
  }
  foot(doc, input, page.number);
  root.end();
  return bytesOf(doc);
}

const piece = (text: string, look: Pick<Piece, 'size' | 'color' | 'face'>): Piece => ({
  text,
  x: sheet.left,
  width: WHOLE,
  ...look,
});

function drawHead(doc: Document, root: Element, input: SignatureDocument): number {
  const {
    language,
    verification: { signed, names, rows, lists },
  } = input;
  const [text, ofList] = [words[language], listWords[language]];
  const ruleAt = drawTitle(doc, root, {
    issuer: input.institution,
    title: text.title,
    numberLabel: ofList.listNumber,
    number: input.number,
  });
  const coded = (what: Named) => `${what.code}  ${language === 'en' ? what.nameEn : what.nameSv}`;
  const facts: readonly (readonly [Fact, Fact])[] = [
    [
      [ofList.course, coded(input.course)],
      [ofList.signedBy, nameIn(names, signed, language)],
    ],
    [
      input.module ? [ofList.module, coded(input.module)] : ['', ''],
      [
        ofList.signedWith,
        [ofList.methods[signed.method], ...(lists !== null && lists > 1 ? [text.together(lists)] : [])].join(', '),
      ],
    ],
    [
      [text.rows, rows === null ? '–' : String(rows)],
      [ofList.signedAt, wallClock(signed.at, input.zone)],
    ],
    [
      [text.version, String(signed.version)],
      [text.verifiedAt, wallClock(input.verifiedAt, input.zone)],
    ],
  ];
  return drawFacts(doc, root, facts, {
    y: ruleAt + 10,
    columns: [
      { x: sheet.left, width: 240 },
      { x: 310, width: sheet.right - 310 },
    ],
  });
}

function drawVerdict(doc: Document, root: Element, { language, verification }: SignatureDocument, y: number): number {
  const failed = verification.checks.filter(({ fault }) => fault).length;
  const verdict: Piece = {
    text: verification.holds ? words[language].holds : words[language].fails(failed),
    x: sheet.left + 12,
    width: WHOLE - 24,
    size: 12,
    face: 'strong',
  };
  const height = heightOf(doc, verdict) + 20;
  artifact(doc, 'Layout', () => {
    doc
      .lineWidth(verification.holds ? 0.8 : 2)
      .strokeColor(ink)
      .rect(sheet.left, y, WHOLE, height)
      .stroke();
  });
  tag(doc, root, 'P', [() => write(doc, verdict, y + 9)]);
  return y + height + 18;
}

function drawChecks(
  doc: Document,
  root: Element,
  { language, verification }: SignatureDocument,
  at: { y: number; room: (y: number, height: number) => number },
): number {
  const text = words[language];
  const table = tag(doc, root, 'Table');
  const head = tag(doc, table, 'TR');
  for (const [place, title] of [
    [WHAT, text.what],
    [RESULT, text.result],
  ] as const)
    tag(doc, head, 'TH', [() => write(doc, { ...place, text: title, size: 7.25, face: 'strong' }, at.y)], 'Column');
  head.end();
  let y = at.y + 14;
  rule(doc, { y: y - 1.5, weight: 0.8 });
  for (const { name, fault } of verification.checks) {
    const what: Piece = { ...WHAT, text: checkTitles[name][language], size: 8.8 };
    const why: Piece | undefined = fault && { ...WHAT, text: faultText(fault, language), size: 8.8, face: 'strong' };
    const result: Piece = {
      ...RESULT,
      text: fault ? text.failed : text.passed,
      size: 8.8,
      ...(fault ? { face: 'strong' as const } : {}),
    };
    const height = heightOf(doc, what) + (why ? heightOf(doc, why) + 1 : 0) + 2 * GAP;
    const top = at.room(y, height);
    const row = tag(doc, table, 'TR');
    tag(doc, row, 'TD', [
      () => write(doc, what, top + GAP),
      ...(why ? [() => write(doc, why, top + GAP + heightOf(doc, what) + 1)] : []),
    ]);
    tag(doc, row, 'TD', [() => write(doc, result, top + GAP)]);
    row.end();
    y = top + height;
    rule(doc, { y, weight: 0.3, color: '#999999' });
  }
  table.end();
  return y;
}

/** What ties the paper to what is kept, so that it can be compared years later. */
const marks = ({ language, verification: { signed, audit, root } }: SignatureDocument): readonly Fact[] => {
  const text = words[language];
  return [
    [listWords[language].hash, signed.hash],
    ...(root ? [[text.root, root.replaceAll(':', ' ')] as const] : []),
    ...(audit
      ? ([
          [text.audit, text.entries(audit.from, audit.to)],
          [text.before, audit.before],
          [text.after, audit.after],
        ] as const)
      : []),
  ];
};

const foot = (doc: Document, { number, language }: SignatureDocument, page: number): void =>
  drawFoot(doc, `${words[language].title}, ${listWords[language].list.toLowerCase()} ${number}`, String(page));
