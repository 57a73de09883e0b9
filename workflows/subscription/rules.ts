import {
  promisedLetter,
  refuse,
  type Ask,
  type Birth,
  type BirthAsk,
  type Decision,
  type Refusal,
  type Rules,
} from '../process.js';
import { addYears, type CivilDate } from '../rules/civil-time.js';
import { untilDay, wrongPeriod } from '../rules/period.js';
import type { SubscriptionCommand } from './definition.js';
import type { BirthBody } from './schema.js';

/** SU-04: how far ahead a subscription may end. */
const MOST_YEARS = 3;

/** What a subscription holds. */
export interface SubscriptionData {
  readonly course: { readonly code: string; readonly nameSv: string; readonly nameEn: string };
  /** Both days count as whole days, in the institution's zone. */
  readonly from: CivilDate;
  readonly until: CivilDate;
}

/** What the birth is told. */
export interface SubscriptionFacts {
  /** The course as the catalogue has it; absent where it does not. */
  readonly course?: SubscriptionData['course'] | undefined;
  /** What this person subscribes to on the course already, not ended and not expired. */
  readonly open: readonly { readonly number: string; readonly from: CivilDate; readonly until: CivilDate }[];
}

/** The letters of a subscription, all to the subscriber. */
export type LetterName = 'eligible' | 'ends-soon' | 'expired';

type SubscriptionAsk = Ask<SubscriptionData, SubscriptionFacts>;

/** SU-04: at most three years ahead. */
function wrongEnd(until: CivilDate, today: CivilDate): Refusal | undefined {
  const latest = addYears(today, MOST_YEARS);
  return until > latest ? refuse('invalid', 'SU-04', 'ends-too-late', { latest }) : undefined;
}

function birth({ body, facts, today, zone }: BirthAsk<SubscriptionFacts, BirthBody>): Birth<SubscriptionData> | Refusal {
  const { from = today, until } = body;
  const wrong = wrongPeriod({ from, until, today, rule: 'SU-04' }) ?? wrongEnd(until, today);
  if (wrong) return wrong;
  if (!facts.course) return refuse('invalid', 'SU-01', 'unknown-course', { course: body.course });
  const same = facts.open.find((other) => other.from <= until && from <= other.until);
  if (same) return refuse('conflict', 'SU-03', 'subscribed-already', { number: same.number, until: same.until });
  return {
    state: 'active',
    scope: body.course,
    waitingFor: null,
    data: { course: facts.course, from, until },
    due: untilDay({ until, today, zone, rule: 'SU-04' }),
    record: { course: body.course, from, until },
  };
}

/** SU-05: by the subscriber, who needs no letter about it. */
const end = ({ case: subscription }: SubscriptionAsk): Decision<SubscriptionData> => ({
  state: 'ended',
  data: subscription.data,
  waitingFor: null,
});

/** SU-04: the last day is over; a last word says so. */
const due = ({ case: subscription, at }: SubscriptionAsk): Decision<SubscriptionData> | Refusal =>
  subscription.due && at < subscription.due.ends
    ? refuse('conflict', 'SU-04', 'not-due')
    : {
        state: 'expired',
        data: subscription.data,
        waitingFor: null,
        promises: [promisedLetter(subscription, 'expired' satisfies LetterName, subscription.createdBy, subscription.step)],
      };

/** The rules of a subscription. */
export const rules: Rules<SubscriptionData, SubscriptionFacts, unknown, SubscriptionCommand> & { birth: typeof birth } = {
  birth,
  commands: { end, due },
};
