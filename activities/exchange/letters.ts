import type { CaseView, Language } from '../../workflows/process.js';
import type { ExchangeData, LetterName } from '../../workflows/exchange/rules.js';
import type { Database } from '../../prisma/client.js';
import { employed, type Letters, type Words } from '../post.js';
import { askedBefore } from './earlier-orders.js';
import { inquiriesOf } from './store.js';

/** What a letter about an order may say: numbers and institutions, no persons (RX-24, RX-26). */
interface About {
  readonly number: string;
  readonly order: ExchangeData;
  /** Names of the institutions that never answered, in the letter's language. */
  readonly silent: readonly string[];
  /** How many institutions were left out for want of the student's consent. */
  readonly unasked: number;
  /** How many documents were rejected. */
  readonly rejected: number;
  /** Whether an earlier order found the same, where this one found no change. */
  readonly same: boolean;
  readonly link: string;
}

type Letter = (about: About) => Readonly<Record<Language, Words>>;

const none = { results: 0, new: 0, improved: 0, corrected: 0, withdrawn: 0 };
const broughtOf = ({ brought = none }: ExchangeData) => brought;

/** How many institutions have answered, and sentences that stand in a letter only where there is a reason. */
interface Sentences {
  readonly answered: string;
  /** From how many nothing was fetched, for want of the student's consent. */
  readonly unasked: readonly string[];
  /** What is otherwise than at the fetch before. */
  readonly changed: readonly string[];
  /** Nothing has changed since an earlier fetch, where there was one; behind another sentence. */
  readonly same: string;
  /** How many documents were rejected. */
  readonly rejected: readonly string[];
  /** Why those that were down were not asked again. */
  readonly closed: readonly string[];
}

const wordsOf = ({ order, unasked, rejected, same }: About): Readonly<Record<Language, Sentences>> => {
  const { closed, asked } = order;
  const off = closed === 'exchange-off';
  const { new: added, improved, corrected, withdrawn } = broughtOf(order);
  const changed = added + improved + corrected + withdrawn > 0;
  return {
    sv: {
      answered: unasked > 0 ? `${asked - unasked} av ${asked} lärosäten har svarat.` : `Alla ${asked} lärosäten har svarat.`,
      unasked: unasked > 0 ? [`Lärosäten som inget har hämtats från, eftersom studentens samtycke saknas: ${unasked}.`] : [],
      changed: changed
        ? [
            `Annorlunda än vid förra hämtningen: ${added} nya, ${improved} förbättrade, ${corrected} rättade, ${withdrawn} borttagna.`,
          ]
        : [],
      same: same ? ' Inget är annorlunda än vid en tidigare hämtning.' : '',
      rejected:
        rejected > 0
          ? [`Avvisade dokument: ${rejected}. Inget är hämtat ur dem; från vilka lärosäten och varför står på beställningen.`]
          : [],
      closed: closed
        ? [
            `De frågas inte igen: ${off ? 'modulen för resultatutbyte är av här' : 'vårt lärosäte har reserverat sig mot resultatutbyte'}.`,
          ]
        : [],
    },
    nb: {
      answered:
        unasked > 0 ? `${asked - unasked} av ${asked} institusjoner har svart.` : `Alle ${asked} institusjoner har svart.`,
      unasked:
        unasked > 0 ? [`Institusjoner som ingenting er hentet fra, fordi samtykke fra studenten mangler: ${unasked}.`] : [],
      changed: changed
        ? [
            `Annerledes enn ved forrige henting: ${added} nye, ${improved} forbedret, ${corrected} rettet, ${withdrawn} trukket tilbake.`,
          ]
        : [],
      same: same ? ' Ingenting er annerledes enn ved en tidligere henting.' : '',
      rejected:
        rejected > 0
          ? [
              `Avviste dokumenter: ${rejected}. Ingenting er hentet fra dem; fra hvilke institusjoner og hvorfor, står på bestillingen.`,
            ]
          : [],
      closed: closed
        ? [
            `De spørres ikke igjen: ${off ? 'modulen for resultatutveksling er av her' : 'institusjonen vår har reservert seg mot resultatutveksling'}.`,
          ]
        : [],
    },
    en: {
      answered:
        unasked > 0 ? `${asked - unasked} of ${asked} institutions have answered.` : `All ${asked} institutions have answered.`,
      unasked:
        unasked > 0 ? [`Institutions from which nothing has been fetched, as the student's consent is missing: ${unasked}.`] : [],
      changed: changed
        ? [`Different from the fetch before: ${added} new, ${improved} improved, ${corrected} corrected, ${withdrawn} withdrawn.`]
        : [],
      same: same ? ' Nothing differs from an earlier fetch.' : '',
      rejected:
        rejected > 0
          ? [
              `Documents rejected: ${rejected}. Nothing was taken from them; from which institutions, and why, stands on the order.`,
            ]
          : [],
      closed: closed
        ? [
            `They are not asked again: ${off ? 'the module for the exchange of results is off here' : 'our institution has reserved itself from the exchange of results'}.`,
          ]
        : [],
    },
  };
};

/** The letters of an order. */
const letters: Readonly<Record<LetterName, Letter>> = {
  complete: (about) => {
    const { number, order, link } = about;
    const words = wordsOf(about);
    return {
      sv: {
        subject: `Extern utbildning är hämtad (${number})`,
        text: [
          `${words.sv.answered} Hämtade resultat: ${broughtOf(order).results}.${words.sv.same}`,
          ...words.sv.unasked,
          ...words.sv.rejected,
          'Beställningen:',
          link,
        ],
      },
      nb: {
        subject: `Ekstern utdanning er hentet (${number})`,
        text: [
          `${words.nb.answered} Hentede resultater: ${broughtOf(order).results}.${words.nb.same}`,
          ...words.nb.unasked,
          ...words.nb.rejected,
          'Bestillingen:',
          link,
        ],
      },
      en: {
        subject: `External education has been fetched (${number})`,
        text: [
          `${words.en.answered} Results fetched: ${broughtOf(order).results}.${words.en.same}`,
          ...words.en.unasked,
          ...words.en.rejected,
          'The order:',
          link,
        ],
      },
    };
  },
  'complete-with-changes': (about) => {
    const { number, order, link } = about;
    const words = wordsOf(about);
    const { results } = broughtOf(order);
    return {
      sv: {
        subject: `Extern utbildning är hämtad, med ändringar (${number})`,
        text: [
          `${words.sv.answered} Hämtade resultat: ${results}.`,
          ...words.sv.changed,
          ...words.sv.unasked,
          ...words.sv.rejected,
          'Vad som ändrats står på beställningen:',
          link,
        ],
      },
      nb: {
        subject: `Ekstern utdanning er hentet, med endringer (${number})`,
        text: [
          `${words.nb.answered} Hentede resultater: ${results}.`,
          ...words.nb.changed,
          ...words.nb.unasked,
          ...words.nb.rejected,
          'Hva som er endret, står på bestillingen:',
          link,
        ],
      },
      en: {
        subject: `External education has been fetched, with changes (${number})`,
        text: [
          `${words.en.answered} Results fetched: ${results}.`,
          ...words.en.changed,
          ...words.en.unasked,
          ...words.en.rejected,
          'What has changed stands on the order:',
          link,
        ],
      },
    };
  },
  'not-complete': (about) => {
    const { number, order, silent, link } = about;
    const words = wordsOf(about);
    return {
      sv: {
        subject: `Hämtningen av extern utbildning blev inte fullständig (${number})`,
        text: [
          `De här lärosätena svarade inte${order.closed ? '' : ` till och med ${order.retry.until}`}: ${silent.join(', ')}.`,
          ...words.sv.closed,
          ...words.sv.unasked,
          ...words.sv.rejected,
          ...words.sv.changed,
          `Hämtade resultat från de andra: ${broughtOf(order).results}. ${order.closed ? 'Beställ på nytt när lärosätet deltar igen.' : 'Beställ på nytt när lärosätena svarar igen.'}`,
          link,
        ],
      },
      nb: {
        subject: `Hentingen av ekstern utdanning ble ikke fullstendig (${number})`,
        text: [
          `Disse institusjonene svarte ikke${order.closed ? '' : ` til og med ${order.retry.until}`}: ${silent.join(', ')}.`,
          ...words.nb.closed,
          ...words.nb.unasked,
          ...words.nb.rejected,
          ...words.nb.changed,
          `Hentede resultater fra de andre: ${broughtOf(order).results}. ${order.closed ? 'Bestill på nytt når institusjonen deltar igjen.' : 'Bestill på nytt når institusjonene svarer igjen.'}`,
          link,
        ],
      },
      en: {
        subject: `The fetch of external education did not become complete (${number})`,
        text: [
          `These institutions did not answer${order.closed ? '' : ` until ${order.retry.until}`}: ${silent.join(', ')}.`,
          ...words.en.closed,
          ...words.en.unasked,
          ...words.en.rejected,
          ...words.en.changed,
          `Results fetched from the others: ${broughtOf(order).results}. ${order.closed ? 'Order again when the institution takes part again.' : 'Order again when the institutions answer.'}`,
          link,
        ],
      },
    };
  },
};

/**
 * Whether everything is as an earlier order found it, where this one found no change: there was one, and every institution that
 * anything is held from has said again what it has.
 */
async function asBefore(
  db: Database,
  { id, institution }: Pick<CaseView, 'id' | 'institution'>,
  { person }: ExchangeData,
): Promise<boolean> {
  const unsaid = await db.externalStudy.count({ where: { institution, personId: person, caseId: { not: id } } });
  return unsaid === 0 && (await askedBefore(db, { caseId: id, institution, person }));
}

/** Writes the letters of orders, each to whoever gave it. */
export const exchangeLetters =
  ({ db, publicUrl }: { db: Database; publicUrl: string }): Letters =>
  async ({ subject, letter, to }) => {
    const addressee = await employed(db, to);
    const order = subject.data as ExchangeData;
    const inquiries = await inquiriesOf(db, subject.id);
    const down = inquiries.filter(({ outcome }) => outcome === 'down').map(({ partner }) => partner);
    const unasked = inquiries.filter(({ outcome }) => outcome === 'no-consent').length;
    const rejected = inquiries.filter(({ outcome }) => outcome?.startsWith('rejected-')).length;
    const partners = await db.exchangePartner.findMany({ where: { code: { in: down } }, orderBy: { code: 'asc' } });
    const silent = partners.map(({ nameNb, nameEn }) => (addressee.language === 'en' ? nameEn : nameNb));
    const about: About = {
      number: subject.number,
      order,
      silent,
      unasked,
      rejected,
      same: await asBefore(db, subject, order),
      link: `${publicUrl}/exchanges/${subject.number}`,
    };
    return { to: addressee, ...letters[letter as LetterName](about)[addressee.language] };
  };
