import { moveOn, refuse, type Ask, type Birth, type BirthAsk, type Decision, type Refusal, type Rules } from '../process.js';
import { addWeeks, endOfDay } from '../rules/civil-time.js';
import type { ApprovalCommand } from './definition.js';
import type { BirthBody } from './schema.js';

/** RX-20: for how long a finished case can be taken up again. */
const REOPENED_WITHIN = 4;

/** What an approval case holds. */
export interface ApprovalData {
  /** Id of the person. */
  readonly person: string;
  readonly reference?: string;
}

/** What the birth is told. */
export interface ApprovalFacts {
  /** The person is registered as a person of this institution's exchange (RX-32). */
  readonly registered: boolean;
}

type ApprovalAsk = Ask<ApprovalData, ApprovalFacts | undefined>;

function birth({ body, facts }: BirthAsk<ApprovalFacts | undefined, BirthBody>): Birth<ApprovalData> | Refusal {
  if (!facts?.registered) return refuse('invalid', 'RX-32', 'not-a-student');
  const { person, reference } = body;
  return {
    state: 'in-progress',
    scope: null,
    waitingFor: 'study-adviser',
    data: { person, ...(reference === undefined ? {} : { reference }) },
  };
}

/** RX-20: in the ordinary way; it can be taken up again for some weeks. */
function finish({ case: approval, today, zone }: ApprovalAsk): Decision<ApprovalData> {
  const on = addWeeks(today, REOPENED_WITHIN);
  return moveOn('finished', approval, {
    due: {
      on,
      ends: endOfDay(on, zone),
      rule: 'RX-20',
      why: { basis: 'finished', from: today, weeks: REOPENED_WITHIN, skipped: [] },
    },
  });
}

const reopen = ({ case: approval }: ApprovalAsk): Decision<ApprovalData> =>
  moveOn('in-progress', approval, { waitingFor: 'study-adviser' });

const due = ({ case: approval, at }: ApprovalAsk): Decision<ApprovalData> | Refusal =>
  approval.due && at < approval.due.ends ? refuse('conflict', 'RX-20', 'not-due') : moveOn('closed', approval);

/** The rules of an approval case. */
export const rules: Rules<ApprovalData, ApprovalFacts | undefined, unknown, ApprovalCommand> & { birth: typeof birth } = {
  birth,
  commands: { finish, reopen, due },
};
