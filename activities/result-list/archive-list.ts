import type { Language } from '../../workflows/process.js';
import { bytesOf, openDocument, sheet, tag } from '../paper/sheet.js';
import { closing } from './archive-list/closing.js';
import { drawFooter, drawFront, drawRunningHead } from './archive-list/front.js';
import { drawHead, drawRow, headHeight, measureRows } from './archive-list/results.js';
import { words } from './archive-list/words.js';

interface Named {
  readonly code: string;
  readonly nameSv: string;
  readonly nameEn: string;
}

/** What an archive list (arkivlista, RL-44) says: the signed version of a list and how it was signed. */
export interface ArchiveList {
  /** List number (RL-02). */
  readonly number: string;
  readonly kind: 'T33' | 'T34';
  /** Name of the institution. */
  readonly institution: string;
  readonly course: Named;
  /** On a T33 only. */
  readonly module?: Named;
  /** Of the degree project (RL-04). */
  readonly title?: string;
  /** Code of the grading scale. */
  readonly scale: string;
  /** In list order (RL-09). The name is two fields (RL-08); dates are `YYYY-MM-DD`. */
  readonly rows: readonly {
    readonly personNumber: string;
    readonly surname: string;
    readonly givenName: string;
    readonly grade: string;
    readonly examinationDate: string;
    readonly score: string | null;
  }[];
  /**
   * Who signed, by name, how, and the moment in UTC (ISO 8601). The signer is the examiner, or "X for Y" in the language of the
   * list.
   */
  readonly signature: { readonly by: string; readonly method: 'sms' | 'bankid'; readonly at: string };
  /** IANA time zone in which the moment is shown. */
  readonly zone: string;
  /** SHA-256 of the signed content, in hex. */
  readonly hash: string;
  /** Ten digits (AU-04); shown as `1234 5678 90`, once, beside the signature. */
  readonly controlNumber: string;
  /** Rows for which the examiner signs this paper by hand as well (RL-58); none where left out. */
  readonly signedByHand?: number;
  /** Language of all fixed texts. */
  readonly language: Language;
}

/** The rows of one page, `to` not included. */
interface Span {
  readonly from: number;
  readonly to: number;
}

const MOST_CARRIED = 3;

/**
 * Divides rows of these heights over pages; a row is never split. `first` and `next` are the room for rows on the first page and
 * on later ones, `end` is what must fit below the last row. Where it does not, it takes the last few rows to its page along, so
 * that a signature never stands on a page without results.
 */
export function paginate({
  heights,
  first,
  next,
  end,
}: {
  heights: readonly number[];
  first: number;
  next: number;
  end: number;
}): Span[] {
  const pages: Span[] = [];
  let [from, left] = [0, first];
  heights.forEach((height, index) => {
    if (height > left && index > from) {
      pages.push({ from, to: index });
      [from, left] = [index, next];
    }
    left -= height;
  });
  const to = heights.length;
  if (left >= end) return [...pages, { from, to }];
  let [cut, room] = [to, next - end];
  while (to - cut < MOST_CARRIED && cut - 1 > from && (heights[cut - 1] ?? 0) <= room) room -= heights[--cut] ?? 0;
  return [...pages, { from, to: cut }, { from: cut, to }];
}

/**
 * The archive list as a tagged PDF (PDF/UA-1) on A4 (RL-44). The same data gives the same bytes. The control number is on the
 * last page alone, and in no metadata (RL-45).
 */
export async function renderArchiveList(input: ArchiveList): Promise<Buffer> {
  const text = words[input.language];
  const doc = openDocument({ title: `${text.title} ${input.number}`, language: input.language, at: input.signature.at });
  const root = doc.struct('Document');
  doc.addStructure(root);

  doc.addPage();
  const top = drawFront(doc, root, input, text);
  const rows = measureRows(doc, input.rows);
  const end = closing(doc, input, text);
  const head = headHeight(doc, text);
  const spans = paginate({
    heights: rows.map(({ height }) => height),
    first: sheet.bottom - top - head,
    next: sheet.bottom - sheet.top - sheet.runningHead - head,
    end: end.height,
  });

  const table = tag(doc, root, 'Table');
  let body: ReturnType<typeof tag> | undefined;
  spans.forEach(({ from, to }, index) => {
    let y = top;
    if (index > 0) {
      doc.addPage();
      y = drawRunningHead(doc, input, text);
    }
    if (to > from) y = drawHead(doc, text, index === 0 ? { y, table } : { y });
    body ??= tag(doc, table, 'TBody');
    for (const row of rows.slice(from, to)) y = drawRow(doc, body, row, y);
    if (index === spans.length - 1) {
      table.end();
      end.draw(root, y);
    }
    drawFooter(doc, input, text, { page: index + 1, pages: spans.length });
  });
  root.end();
  return bytesOf(doc);
}
