import type { Language } from '../../workflows/process.js';
import type { DelegationData, LetterName } from '../../workflows/delegation/rules.js';
import type { Database } from '../../prisma/client.js';
import { namesOf } from '../case/people.js';
import { employed, type Letters, type Words } from '../post.js';

/** What a letter about a delegation says: who acts for whom, on which course, from when until when. */
interface About {
  readonly delegation: DelegationData;
  readonly examiner: string;
  readonly delegate: string;
  readonly link: string;
}

type Letter = (about: About) => Readonly<Record<Language, Words>>;

const sv = ({ code, nameSv }: DelegationData['course']) => `${code} (${nameSv})`;
const en = ({ code, nameEn }: DelegationData['course']) => `${code} (${nameEn})`;

/** The letters of a delegation (RL-36). Subjects hold no names. */
const letters: Readonly<Record<LetterName, Letter>> = {
  given: ({ delegation: { course, from, until }, examiner, link }) => ({
    sv: {
      subject: `Du är ställföreträdare för examinator på ${course.code}`,
      text: [
        `Du är ställföreträdare för ${examiner}, examinator på ${sv(course)}, från och med ${from} till och med ${until}.`,
        'Under den tiden kontrollerar och signerar du kursens resultatlistor. Det framgår att du gör det för examinatorn. Uppdraget kan inte lämnas vidare; du kan avsluta det i förtid:',
        link,
      ],
    },
    nb: {
      subject: `Du er stedfortreder for sensor på ${course.code}`,
      text: [
        `Du er stedfortreder for ${examiner}, sensor på ${sv(course)}, fra og med ${from} til og med ${until}.`,
        'I den tiden kontrollerer og signerer du emnets resultatlister. Det framgår at du gjør det for sensoren. Oppdraget kan ikke gis videre; du kan avslutte det før tiden:',
        link,
      ],
    },
    en: {
      subject: `You act for the examiner of ${course.code}`,
      text: [
        `You act for ${examiner}, examiner of ${en(course)}, from ${from} until ${until}.`,
        "During that time you check and sign the course's result lists. It is shown that you do so for the examiner. It cannot be passed on; you can end it early:",
        link,
      ],
    },
  }),
  'given-for-you': ({ delegation: { course, from, until }, delegate, link }) => ({
    sv: {
      subject: `Du har fått en ställföreträdare på ${course.code}`,
      text: [
        `Kurs- och programstöd har utsett ${delegate} till ställföreträdare för dig som examinator på ${sv(course)}, från och med ${from} till och med ${until}. Du kan avsluta det i förtid:`,
        link,
      ],
    },
    nb: {
      subject: `Du har fått en stedfortreder på ${course.code}`,
      text: [
        `Studieadministrasjonen har utpekt ${delegate} til stedfortreder for deg som sensor på ${sv(course)}, fra og med ${from} til og med ${until}. Du kan avslutte det før tiden:`,
        link,
      ],
    },
    en: {
      subject: `Somebody acts for you on ${course.code}`,
      text: [
        `The course office has named ${delegate} to act for you as examiner of ${en(course)}, from ${from} until ${until}. You can end it early:`,
        link,
      ],
    },
  }),
  ended: ({ delegation: { course }, examiner, delegate, link }) => ({
    sv: {
      subject: `Ställföreträdarskapet på ${course.code} är avslutat`,
      text: [`${delegate} är inte längre ställföreträdare för ${examiner} på ${sv(course)}.`, link],
    },
    nb: {
      subject: `Stedfortrederskapet på ${course.code} er avsluttet`,
      text: [`${delegate} er ikke lenger stedfortreder for ${examiner} på ${sv(course)}.`, link],
    },
    en: {
      subject: `The delegation on ${course.code} has ended`,
      text: [`${delegate} does not act for ${examiner} on ${en(course)} any more.`, link],
    },
  }),
};

/** Writes the letters of delegations. One about what has ended meanwhile is not sent, save the one that says so. */
export const delegationLetters =
  (deps: { db: Database; publicUrl: string }): Letters =>
  async ({ subject, letter, to }) => {
    if (letter !== 'ended' && subject.state !== 'active') return undefined;
    const delegation = subject.data as DelegationData;
    const names = await namesOf(deps.db, [delegation.for, delegation.to]);
    const about: About = {
      delegation,
      examiner: names[delegation.for] ?? delegation.for,
      delegate: names[delegation.to] ?? delegation.to,
      link: `${deps.publicUrl}/delegations/${subject.number}`,
    };
    const addressee = await employed(deps.db, to);
    return { to: addressee, ...letters[letter as LetterName](about)[addressee.language] };
  };
