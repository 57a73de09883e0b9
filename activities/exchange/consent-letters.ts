import type { ConsentAnswer } from '../../workflows/exchange/consent.js';
import type { Language } from '../../workflows/process.js';
import { civil, type Database } from '../../prisma/client.js';
import { employed, type FreeLetters, type Words } from '../post.js';

interface About {
  readonly answer: ConsentAnswer;
  readonly on: string;
  readonly link: string;
}

/** RX-08: what a student is told when somebody else entered their answer. */
const entered = ({ answer, on, link }: About): Readonly<Record<Language, Words>> => {
  const yes = answer === 'J';
  return {
    sv: {
      subject: 'Ditt svar om resultatutbyte har förts in',
      text: [
        yes
          ? `Lärosätet har fört in att du den ${on} samtyckte till att dina resultat och examina hämtas från andra lärosäten.`
          : `Lärosätet har fört in att du den ${on} sade nej till att dina resultat och examina hämtas från andra lärosäten. Inget mer hämtas.`,
        'Du kan när som helst svara något annat, och se vad som har hämtats, när och på vilken grund. Stämmer svaret inte: hör av dig till lärosätet.',
        link,
      ],
    },
    nb: {
      subject: 'Svaret ditt om resultatutveksling er lagt inn',
      text: [
        yes
          ? `Institusjonen har lagt inn at du ${on} samtykket til at resultatene og gradene dine hentes fra andre institusjoner.`
          : `Institusjonen har lagt inn at du ${on} svarte nei til at resultatene og gradene dine hentes fra andre institusjoner. Ingenting mer hentes.`,
        'Du kan når som helst svare noe annet, og se hva som er hentet, når og på hvilket grunnlag. Stemmer ikke svaret: ta kontakt med institusjonen.',
        link,
      ],
    },
    en: {
      subject: 'Your answer about the exchange of results has been entered',
      text: [
        yes
          ? `The institution has entered that on ${on} you accepted that your results and degrees are fetched from other institutions.`
          : `The institution has entered that on ${on} you said no to your results and degrees being fetched from other institutions. Nothing more is fetched.`,
        'You can answer otherwise at any time, and see what was fetched, when and on which basis. If the answer is not yours, tell the institution.',
        link,
      ],
    },
  };
};

/** Writes the letters about consents, each to its student. */
export const consentLetters =
  (deps: { db: Database; publicUrl: string }): FreeLetters =>
  async ({ to, payload }) => {
    const record = await deps.db.consent.findUnique({ where: { seq: BigInt(String(payload['consent'])) } });
    if (!record) return undefined;
    const addressee = await employed(deps.db, to);
    return {
      to: addressee,
      ...entered({ answer: record.answer as ConsentAnswer, on: civil(record.answeredOn), link: `${deps.publicUrl}/me/exchange` })[
        addressee.language
      ],
    };
  };
