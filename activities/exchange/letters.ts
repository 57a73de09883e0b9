import type { Language } from '../../workflows/process.js';
import type { ExchangeData, LetterName } from '../../workflows/exchange/rules.js';
import type { Database } from '../../prisma/client.js';
import { employed, type Letters, type Words } from '../post.js';
import { inquiriesOf } from './store.js';

/** What a letter about an order may say: numbers and institutions, no persons (RX-24, RX-26). */
interface About {
  readonly number: string;
  readonly order: ExchangeData;
  /** Names of the institutions that never answered, in the letter's language. */
  readonly silent: readonly string[];
  readonly link: string;
}

type Letter = (about: About) => Readonly<Record<Language, Words>>;

const none = { results: 0, new: 0, improved: 0, corrected: 0, withdrawn: 0 };
const broughtOf = ({ brought = none }: ExchangeData) => brought;

/** The letters of an order. */
const letters: Readonly<Record<LetterName, Letter>> = {
  complete: ({ number, order, link }) => ({
    sv: { subject: `Extern utbildning är hämtad (${number})`, text: [`Alla ${order.asked} lärosäten har svarat. Hämtade resultat: ${broughtOf(order).results}. Inget är annorlunda än vid en tidigare hämtning.`, 'Beställningen:', link] },
    nb: { subject: `Ekstern utdanning er hentet (${number})`, text: [`Alle ${order.asked} institusjoner har svart. Hentede resultater: ${broughtOf(order).results}. Ingenting er annerledes enn ved en tidligere henting.`, 'Bestillingen:', link] },
    en: { subject: `External education has been fetched (${number})`, text: [`All ${order.asked} institutions have answered. Results fetched: ${broughtOf(order).results}. Nothing differs from an earlier fetch.`, 'The order:', link] },
  }),
  'complete-with-changes': ({ number, order, link }) => {
    const { results, new: added, improved, corrected, withdrawn } = broughtOf(order);
    return {
      sv: { subject: `Extern utbildning är hämtad, med ändringar (${number})`, text: [`Alla ${order.asked} lärosäten har svarat. Hämtade resultat: ${results}.`, `Annorlunda än vid förra hämtningen: ${added} nya, ${improved} förbättrade, ${corrected} rättade, ${withdrawn} borttagna.`, 'Vad som ändrats står på beställningen:', link] },
      nb: { subject: `Ekstern utdanning er hentet, med endringer (${number})`, text: [`Alle ${order.asked} institusjoner har svart. Hentede resultater: ${results}.`, `Annerledes enn ved forrige henting: ${added} nye, ${improved} forbedret, ${corrected} rettet, ${withdrawn} trukket tilbake.`, 'Hva som er endret, står på bestillingen:', link] },
      en: { subject: `External education has been fetched, with changes (${number})`, text: [`All ${order.asked} institutions have answered. Results fetched: ${results}.`, `Different from the fetch before: ${added} new, ${improved} improved, ${corrected} corrected, ${withdrawn} withdrawn.`, 'What has changed stands on the order:', link] },
    };
  },
  'not-complete': ({ number, order, silent, link }) => ({
    sv: { subject: `Hämtningen av extern utbildning blev inte fullständig (${number})`, text: [`De här lärosätena svarade inte till och med ${order.retry.until}: ${silent.join(', ')}.`, `Från de andra är allt hämtat (antal resultat: ${broughtOf(order).results}). Beställ på nytt när lärosätena svarar igen.`, link] },
    nb: { subject: `Hentingen av ekstern utdanning ble ikke fullstendig (${number})`, text: [`Disse institusjonene svarte ikke til og med ${order.retry.until}: ${silent.join(', ')}.`, `Fra de andre er alt hentet (antall resultater: ${broughtOf(order).results}). Bestill på nytt når institusjonene svarer igjen.`, link] },
    en: { subject: `The fetch of external education did not become complete (${number})`, text: [`These institutions did not answer until ${order.retry.until}: ${silent.join(', ')}.`, `From the others everything has been fetched (results: ${broughtOf(order).results}). Order again when the institutions answer.`, link] },
  }),
};

/** Writes the letters of orders, each to whoever gave it. */
export const exchangeLetters = ({ db, publicUrl }: { db: Database; publicUrl: string }): Letters => async ({ subject, letter, to }) => {
  const addressee = await employed(db, to);
  const down = (await inquiriesOf(db, subject.id)).filter(({ outcome }) => outcome === 'down').map(({ partner }) => partner);
  const partners = await db.exchangePartner.findMany({ where: { code: { in: down } }, orderBy: { code: 'asc' } });
  const silent = partners.map(({ nameNb, nameEn }) => (addressee.language === 'en' ? nameEn : nameNb));
  const about: About = { number: subject.number, order: subject.data as ExchangeData, silent, link: `${publicUrl}/exchanges/${subject.number}` };
  return { to: addressee, ...letters[letter as LetterName](about)[addressee.language] };
};
