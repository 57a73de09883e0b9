import type { Text } from '../process.js';

/**
 * How the question to one institution ended (RX-11, RX-12, RX-25..29). `down` is the one that is tried again; every other ends
 * the matter with that institution for this order.
 */
export const outcomes = {
  fetched: { sv: 'Hämtat', nb: 'Hentet', en: 'Fetched' },
  'nothing-passed': { sv: 'Inga godkända resultat där', nb: 'Ingen beståtte resultater der', en: 'No passed results there' },
  'no-consent': { sv: 'Samtycke saknas', nb: 'Samtykke mangler', en: 'No consent' },
  'no-consent-there': {
    sv: 'Lärosätet kräver ett eget samtycke',
    nb: 'Institusjonen krever eget samtykke',
    en: 'The institution wants a consent of its own',
  },
  reserved: {
    sv: 'Lärosätet har reserverat sig',
    nb: 'Institusjonen har reservert seg',
    en: 'The institution has reserved itself',
  },
  'not-sharing': {
    sv: 'Lärosätet delar inte resultat',
    nb: 'Institusjonen deler ikke resultater',
    en: 'The institution does not share results',
  },
  'degree-held-back': {
    sv: 'Examen hålls tillbaka: datum för examensbeviset saknas eller är inte passerat',
    nb: 'Grad holdes tilbake: utleveringsdato for vitnemål mangler eller er ikke passert',
    en: 'A degree is held back: its diploma date is missing or has not passed',
  },
  'unknown-there': {
    sv: 'Personen är inte känd där under sitt nummer',
    nb: 'Personen er ikke kjent der under sitt nummer',
    en: 'The person is not known there under their number',
  },
  'rejected-signature': {
    sv: 'Avvisat: signaturen godtas inte',
    nb: 'Avvist: signaturen godtas ikke',
    en: 'Rejected: the signature is not accepted',
  },
  'rejected-person': {
    sv: 'Avvisat: dokumentet gäller en annan person',
    nb: 'Avvist: dokumentet gjelder en annen person',
    en: 'Rejected: the document is about another person',
  },
  'rejected-format': {
    sv: 'Avvisat: dokumentet går inte att läsa',
    nb: 'Avvist: dokumentet kan ikke leses',
    en: 'Rejected: the document cannot be read',
  },
  down: { sv: 'Svarar inte, frågas igen', nb: 'Svarer ikke, spørres på nytt', en: 'Does not answer, is asked again' },
} as const satisfies Readonly<Record<string, Text>>;

/** What `down` is called once the order is over and nobody asks again (RX-26). */
export const neverAnswered: Text = { sv: 'Svarade inte', nb: 'Svarte ikke', en: 'Did not answer' };

/** How an institution ended (RX-25..29). */
export type Outcome = keyof typeof outcomes;
