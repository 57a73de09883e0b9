import type { Text } from './process.js';

/**
 * Every reason for which ordered work outside has failed or waits, in the three languages: of all processes. A code that an order
 * may end with and that is missing here does not compile, nor does a language that is left out.
 */
export const orderReasons = {
  'fault-in-registrar': {
    sv: 'Något gick fel hos Registrar. Beställ igen; kontakta driften om det upprepas.',
    nb: 'Noe gikk galt i Registrar. Bestill på nytt; kontakt driften hvis det gjentar seg.',
    en: 'Something went wrong in Registrar. Order it again; contact operations if it happens again.',
  },
  'register-unavailable': {
    sv: 'Ladok svarade inte. Beställ igen om en stund.',
    nb: 'Ladok svarte ikke. Bestill på nytt om litt.',
    en: 'Ladok did not answer. Order it again in a moment.',
  },
  'platform-unavailable': {
    sv: 'Lärplattformen svarade inte. Beställ igen om en stund.',
    nb: 'Læringsplattformen svarte ikke. Bestill på nytt om litt.',
    en: 'The learning platform did not answer. Order it again in a moment.',
  },
  'fs-unavailable': {
    sv: 'FS svarade inte. Det försöks igen så länge ärendet väntar på det; annars behöver någon beställa igen.',
    nb: 'FS svarte ikke. Det prøves på nytt så lenge saken venter på det; ellers må noen bestille på nytt.',
    en: 'FS did not answer. It is tried again while the case waits for it; else somebody has to order it again.',
  },
  'archive-unavailable': {
    sv: 'Arkivet svarade inte. Det försöks igen så länge ärendet väntar på det; annars behöver någon beställa igen.',
    nb: 'Arkivet svarte ikke. Det prøves på nytt så lenge saken venter på det; ellers må noen bestille på nytt.',
    en: 'The archive did not answer. It is tried again while the case waits for it; else somebody has to order it again.',
  },
  'refused-by-register': { sv: 'Ladok sade nej.', nb: 'Ladok sa nei.', en: 'Ladok said no.' },
  'refused-by-platform': {
    sv: 'Lärplattformen sade nej.',
    nb: 'Læringsplattformen sa nei.',
    en: 'The learning platform said no.',
  },
  'refused-by-fs': {
    sv: 'FS sade nej. Rätta det som är fel där eller i ärendet, och försök igen.',
    nb: 'FS sa nei. Rett det som er feil der eller i saken, og prøv på nytt.',
    en: 'FS said no. Put right what is wrong there or in the case, and try again.',
  },
  'refused-by-archive': {
    sv: 'Arkivet sade nej. Rätta det som är fel där eller i ärendet, och försök igen.',
    nb: 'Arkivet sa nei. Rett det som er feil der eller i saken, og prøv på nytt.',
    en: 'The archive said no. Put right what is wrong there or in the case, and try again.',
  },
  'archive-differs': {
    sv: 'Arkivet har en annan fil än den som skulle läggas in. Ingenting har skrivits över: någon behöver titta.',
    nb: 'Arkivet har en annen fil enn den som skulle legges inn. Ingenting er skrevet over: noen må se på det.',
    en: 'The archive holds another file than the one that was to be put there. Nothing was overwritten: somebody has to look.',
  },
  'another-under-way': {
    sv: 'En annan beställning i samma ärende eller om samma resultat pågår. Den här kommer efter.',
    nb: 'En annen bestilling i samme sak eller om samme resultat pågår. Denne kommer etterpå.',
    en: 'Another order of the same case or about the same result is under way. This one comes after it.',
  },
  'changed-meanwhile': {
    sv: 'Någon annan ändrade samma sak i FS samtidigt. Det läses om och försöks igen.',
    nb: 'Noen andre endret det samme i FS samtidig. Det leses på nytt og prøves igjen.',
    en: 'Somebody else changed the same thing in FS at that moment. It is read again and tried again.',
  },
  'wrong-state': {
    sv: 'Listan är inget utkast längre, så den har inte ändrats.',
    nb: 'Listen er ikke et utkast lenger, så den er ikke endret.',
    en: 'The list is no draft any more, so it was not changed.',
  },
  'list-full': {
    sv: 'Listan rymmer inte så många studenter. Ingen har lagts till.',
    nb: 'Listen rommer ikke så mange studenter. Ingen er lagt til.',
    en: 'The list does not hold so many students. Nobody was added.',
  },
  'not-a-person-number': {
    sv: 'Personnumret är felskrivet.',
    nb: 'Fødselsnummeret er feilskrevet.',
    en: 'The personal number is mistyped.',
  },
  'no-such-student': {
    sv: 'Ladok känner ingen student med det personnumret.',
    nb: 'Ladok kjenner ingen student med det fødselsnummeret.',
    en: 'Ladok knows no student with that personal number.',
  },
  'no-such-exam': {
    sv: 'Det finns inget sådant tentamenstillfälle för listan.',
    nb: 'Det finnes ingen slik eksamen for listen.',
    en: 'There is no such exam for the list.',
  },
  'no-such-room': {
    sv: 'Lärplattformen har inget sådant kursrum.',
    nb: 'Læringsplattformen har ikke noe slikt kursrom.',
    en: 'The learning platform has no such course room.',
  },
  'no-such-column': {
    sv: 'Kursrummet har ingen sådan kolumn i betygsboken.',
    nb: 'Kursrommet har ingen slik kolonne i karakterboken.',
    en: 'The course room has no such column in its gradebook.',
  },
  'no-such-result': {
    sv: 'FS har inget sådant resultat i protokollet. Kontrollera kurs, del, tid och student.',
    nb: 'FS har ikke noe slikt resultat i protokollen. Kontroller emne, delvurdering, tid og student.',
    en: 'FS has no such result in the protocol. Check course, part, time and student.',
  },
  'protocol-changed': {
    sv: 'Protokollet har ett annat betyg än det som beslutet ändrar. Inget betyg har förts in: någon behöver titta.',
    nb: 'Protokollen har en annen karakter enn den vedtaket endrer. Ingen karakter er ført inn: noen må se på det.',
    en: 'The protocol holds another grade than the one the decision was made about. No grade was entered: somebody has to look.',
  },
  'no-top-grade': {
    sv: 'Resultatet är ingen del av ett sammanvägt betyg, så det finns inget att räkna om.',
    nb: 'Resultatet er ingen delkarakter, så det er ingenting å beregne på nytt.',
    en: 'The result is no part of a summed grade, so there is nothing to recalculate.',
  },
  'trial-differs': {
    sv: 'Beräkningen ger något annat än provet visade. Ingenting har skrivits: gör ett nytt prov.',
    nb: 'Beregningen gir noe annet enn prøven viste. Ingenting er skrevet: kjør en ny prøveberegning.',
    en: 'The calculation gives something else than the trial showed. Nothing was written: make a new trial.',
  },
} as const satisfies Readonly<Record<string, Text>>;

/** Why ordered work has failed or waits, as it stands in the order's result. */
export type OrderReason = keyof typeof orderReasons;

/** The sentence of a reason, undefined for one that is no order's. */
export const reasonOf = (code: unknown): Text | undefined =>
  typeof code === 'string' && Object.hasOwn(orderReasons, code) ? orderReasons[code as OrderReason] : undefined;
