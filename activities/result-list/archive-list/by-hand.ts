import type { Language } from '../../../workflows/process.js';
import type { ArchiveList } from '../archive-list.js';
import type { Closing } from './closing.js';
import { signatureLines, WHOLE } from '../../paper/parts.js';
import { heightOf, sheet, tag, write, type Document, type Piece } from '../../paper/sheet.js';

interface Words {
  readonly why: (rows: number) => string;
  readonly placeAndDate: string;
  readonly signature: string;
}

const words: Readonly<Record<Language, Words>> = {
  sv: {
    why: (rows) =>
      `${rows === 1 ? '1 rad' : `${rows} rader`} har examinationsdatum före den dag då den elektroniska signaturen räcker. Arkivlistan ska därför också skrivas under för hand.`,
    placeAndDate: 'Ort och datum',
    signature: 'Underskrift',
  },
  nb: {
    why: (rows) =>
      `${rows === 1 ? '1 rad' : `${rows} rader`} har eksamensdato før den dagen da den elektroniske signaturen er nok. Arkivlisten skal derfor også underskrives for hånd.`,
    placeAndDate: 'Sted og dato',
    signature: 'Underskrift',
  },
  en: {
    why: (rows) =>
      `${rows === 1 ? '1 row was' : `${rows} rows were`} examined before the day from which the electronic signature is enough. The archive list therefore has to be signed by hand as well.`,
    placeAndDate: 'Place and date',
    signature: 'Signature',
  },
};

const ROOM = 40;
/** RL-58: the place where the examiner signs by hand; undefined on a list for which the electronic signature is enough. */
export function byHand(doc: Document, list: ArchiveList): Closing | undefined {
  if (!list.signedByHand) return undefined;
  const text = words[list.language];
  const why: Piece = { text: text.why(list.signedByHand), x: sheet.left, width: WHOLE, size: 9.25 };
  const lineAt = heightOf(doc, why) + ROOM;
  const lines = signatureLines(doc, { placeAndDate: text.placeAndDate, signature: `${text.signature}, ${list.signature.by}` });
  return {
    height: lineAt + lines.height,
    draw: (root, y) => {
      tag(doc, root, 'P', [() => write(doc, why, y)]);
      lines.draw(root, y + lineAt);
    },
  };
}
