import type { Language } from '../../workflows/process.js';
import type { LetterName, SubscriptionData } from '../../workflows/subscription/rules.js';
import type { Database } from '../../prisma/client.js';
import { employed, type Letters, type Words } from '../post.js';

/** What a letter about a subscription may say: numbers, no names (SU-01, docs/decisions.md). */
interface About {
  readonly subscription: SubscriptionData;
  /** How many the subscriber has not been told of before. */
  readonly count: number;
  /** The subscription, and the result lists of its course code. */
  readonly link: string;
  readonly lists: string;
}

type Letter = (about: About) => Readonly<Record<Language, Words>>;

const sv = ({ code, nameSv }: SubscriptionData['course']) => `${code} (${nameSv})`;
const en = ({ code, nameEn }: SubscriptionData['course']) => `${code} (${nameEn})`;

/** The letters of a subscription (SU-01, SU-04). */
const letters: Readonly<Record<LetterName, Letter>> = {
  eligible: ({ subscription: { course }, count, lists, link }) => ({
    sv: {
      subject: `Slutbetyg kan sättas på ${course.code}`,
      text: [
        `${count} ${count === 1 ? 'student till kan' : 'studenter till kan'} få slutbetyg på ${sv(course)}.`,
        'Examinator skapar en resultatlista för hel kurs (T34) på kurskoden; den hämtar dem. Kurskodens listor:',
        lists,
        'Du får brevet för att du prenumererar. Prenumerationen:',
        link,
      ],
    },
    nb: {
      subject: `Sluttkarakter kan settes i ${course.code}`,
      text: [
        `${count} ${count === 1 ? 'student til kan' : 'studenter til kan'} få sluttkarakter i ${sv(course)}.`,
        'Sensor oppretter en resultatliste for hele emnet (T34) på emnekoden; den henter dem. Listene på emnekoden:',
        lists,
        'Du får brevet fordi du abonnerer. Abonnementet:',
        link,
      ],
    },
    en: {
      subject: `A final grade can be set on ${course.code}`,
      text: [
        `${count} more ${count === 1 ? 'student' : 'students'} can get a final grade on ${en(course)}.`,
        'The examiner creates a result list for the whole course (T34) on the course code, which fetches them. The lists of the course code:',
        lists,
        'You get this letter because you subscribe. The subscription:',
        link,
      ],
    },
  }),
  'ends-soon': ({ subscription: { course, until }, link }) => ({
    sv: {
      subject: `Prenumerationen på ${course.code} går snart ut`,
      text: [
        `Din prenumeration på ”slutbetyg kan sättas” för ${sv(course)} gäller till och med ${until}. Därefter kan du prenumerera på nytt.`,
        link,
      ],
    },
    nb: {
      subject: `Abonnementet på ${course.code} utløper snart`,
      text: [
        `Abonnementet ditt på «sluttkarakter kan settes» for ${sv(course)} gjelder til og med ${until}. Deretter kan du abonnere på nytt.`,
        link,
      ],
    },
    en: {
      subject: `The subscription to ${course.code} expires soon`,
      text: [
        `Your subscription to "a final grade can be set" on ${en(course)} lasts until ${until}. After that you can subscribe again.`,
        link,
      ],
    },
  }),
  expired: ({ subscription: { course, until }, link }) => ({
    sv: {
      subject: `Prenumerationen på ${course.code} har gått ut`,
      text: [
        `Din prenumeration på ”slutbetyg kan sättas” för ${sv(course)} gällde till och med ${until}. Finns det något att berätta om den sista dagen kommer ett brev till nästa morgon, och sedan inga. Prenumerera på nytt om du vill fortsätta.`,
        link,
      ],
    },
    nb: {
      subject: `Abonnementet på ${course.code} er utløpt`,
      text: [
        `Abonnementet ditt på «sluttkarakter kan settes» for ${sv(course)} gjaldt til og med ${until}. Er det noe å fortelle om den siste dagen, kommer ett brev til neste morgen, og deretter ingen. Abonner på nytt om du vil fortsette.`,
        link,
      ],
    },
    en: {
      subject: `The subscription to ${course.code} has expired`,
      text: [
        `Your subscription to "a final grade can be set" on ${en(course)} lasted until ${until}. If there is anything to tell of the last day, one more letter comes the next morning, and then none. Subscribe again if you want to go on.`,
        link,
      ],
    },
  }),
};

/** Writes the letters of subscriptions, each to its subscriber. */
export const subscriptionLetters =
  (deps: { db: Database; publicUrl: string }): Letters =>
  async ({ subject, letter, to, payload }) => {
    const subscription = subject.data as SubscriptionData;
    const about: About = {
      subscription,
      count: Number(payload['count'] ?? 0),
      link: `${deps.publicUrl}/subscriptions/${subject.number}`,
      lists: `${deps.publicUrl}/result-lists?scope=${encodeURIComponent(subscription.course.code)}`,
    };
    const addressee = await employed(deps.db, to);
    return { to: addressee, ...letters[letter as LetterName](about)[addressee.language] };
  };
