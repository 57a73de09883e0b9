import { CONSENT_RECORD, CONSENT_TYPE } from '../../workflows/exchange/consent.js';
import type { Text } from '../../workflows/process.js';
import type { CivilDate } from '../../workflows/rules/civil-time.js';
import type { Transaction } from '../../prisma/client.js';
import { settingOn } from '../settings.js';

/**
 * What a student is asked (RX-05, RX-06): at which places of Studentweb, in which order among the questions there, and in which
 * words.
 */
export interface ConsentQuestion {
  /** As the type is spelled where it is switched on, and as the record is spelled. */
  readonly type: typeof CONSENT_TYPE;
  readonly record: typeof CONSENT_RECORD;
  /** Sequence numbers among the questions of term registration, and of the module of its own. */
  readonly sequence: { readonly termRegistration: number; readonly studentWebModule: number };
  /** What is cited as the law on that day. */
  readonly citation: string;
  readonly title: Text;
  readonly text: Text;
}

const title: Text = {
  sv: 'Får vi hämta dina resultat från andra lärosäten?',
  nb: 'Kan vi hente resultatene dine fra andre institusjoner?',
  en: 'May we fetch your results from other institutions?',
};

const text = (name: string, citation: string): Text => ({
  sv: `${name} ber om ditt samtycke till att hämta godkända resultat och examina som du har från andra norska lärosäten, för att behandla ditt ärende om tillgodoräknande. Rättslig grund: ${citation}. Du kan ta tillbaka samtycket när som helst; då hämtas inget mer.`,
  nb: `${name} ber om samtykke til å hente beståtte resultater og oppnådde kvalifikasjoner du har ved andre norske institusjoner, for å behandle godkjenningssaken din. Hjemmel: ${citation}. Du kan trekke samtykket tilbake når som helst; da hentes ingenting mer.`,
  en: `${name} asks you to accept that passed results and qualifications you have from other Norwegian institutions are fetched, in order to handle your case of recognition. Legal basis: ${citation}. You can withdraw at any time; then nothing more is fetched.`,
});

/** The question as it stands on a day; undefined where the type is not active (RX-05), or where no consent is needed (RX-01). */
export async function consentQuestion(
  tx: Transaction,
  ask: { institution: string; on: CivilDate },
): Promise<ConsentQuestion | undefined> {
  const [sequence, { basis, citation }, { name }] = await Promise.all([
    settingOn(tx, { ...ask, name: 'exchange-consent' }),
    settingOn(tx, { ...ask, name: 'exchange-legal-basis' }),
    tx.institution.findUniqueOrThrow({ where: { code: ask.institution } }),
  ]);
  return sequence && basis === 'consent'
    ? { type: CONSENT_TYPE, record: CONSENT_RECORD, sequence, citation, title, text: text(name, citation) }
    : undefined;
}
