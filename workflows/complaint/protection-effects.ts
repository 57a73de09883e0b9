import type { Text } from '../process.js';
import type { Protection } from './complaint.js';

/** GC-43: what a block does; GC-45, GC-46: what a postponement does. */
export const protectionEffects: Readonly<Record<Protection, readonly Text[]>> = {
  block: [
    {
      sv: 'Studieplanen är inte godkänd för examen, och inget examensbevis kan utfärdas.',
      nb: 'Utdanningsplanen er ikke godkjent for gradfangst, og vitnemål kan ikke produseres.',
      en: 'The study plan is not approved for a degree, and no diploma can be produced.',
    },
    {
      sv: 'Kursen är inte med på betygsutdraget.',
      nb: 'Emnet er ikke med på karakterutskrift.',
      en: 'The course is not on the transcript.',
    },
    {
      sv: 'Resultatet visas som spärrat i FS och Studentweb.',
      nb: 'Resultatet vises som sperret i FS og Studentweb.',
      en: 'The result is shown as blocked in FS and Studentweb.',
    },
    {
      sv: 'En antagning som beror på betyget väntar tills spärren är hävd.',
      nb: 'En opptakssøknad som avhenger av karakteren, kan ikke bli behandlet før sperren er tatt bort.',
      en: 'An admission that depends on the grade waits until the block is lifted.',
    },
  ],
  postponement: [
    {
      sv: 'Examensbeviset utfärdas tidigast på ärendets sista dag, och följer den när den flyttas.',
      nb: 'Vitnemålet produseres tidligst på fristdagen, og følger den når den flyttes.',
      en: "The diploma is produced on the case's deadline at the earliest, and follows it when it is moved.",
    },
  ],
  neither: [],
};
