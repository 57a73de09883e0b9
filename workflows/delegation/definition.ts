import { defineProcess, type Reach, type RoleName } from '../process.js';
import { chosen } from '../rules/period.js';

/**
 * Whoever works here. Who of them may end a delegation the rules say (`mayEnd`): both sides, also while who acts does not act yet
 * and so holds another role alone.
 */
const staff = {
  teacher: 'institution',
  examiner: 'institution',
  'course-office': 'institution',
  'exam-office': 'institution',
  'case-worker': 'institution',
  'study-adviser': 'institution',
  'accommodation-officer': 'institution',
  planner: 'institution',
  'committee-member': 'institution',
  operations: 'institution',
  auditor: 'institution',
} as const satisfies Readonly<Partial<Record<RoleName, Reach>>>;

/** Somebody acts for an examiner (ställföreträdare) on a course from a day to a day (RL-36). */
export const definition = defineProcess({
  kind: 'delegation',
  path: 'delegations',
  title: { sv: 'Ställföreträdare för examinator', nb: 'Stedfortreder for sensor', en: 'Delegation' },
  states: {
    active: { sv: 'Gäller', nb: 'Gjelder', en: 'Active' },
    ended: { sv: 'Avslutad', nb: 'Avsluttet', en: 'Ended early' },
    expired: { sv: 'Utgången', nb: 'Utløpt', en: 'Expired' },
  },
  final: ['ended', 'expired'],
  birth: {
    by: { examiner: 'institution', 'course-office': 'institution' },
    rule: 'RL-36',
    title: { sv: 'Utse ställföreträdare', nb: 'Utpek stedfortreder', en: 'Delegate' },
  },
  readers: ['course-office', 'operations', 'auditor'],
  openRule: 'RL-36',
  bases: chosen,
  mendedBy: { operations: 'institution', 'course-office': 'institution' },
  commands: {
    end: {
      kind: 'step',
      by: staff,
      in: ['active'],
      except: 'By the two whom it is between and the course office alone',
      rule: 'RL-36',
      title: { sv: 'Avsluta i förtid', nb: 'Avslutt før tiden', en: 'End early' },
    },
    due: {
      kind: 'step',
      by: { system: 'institution' },
      in: ['active'],
      rule: 'RL-36',
      title: { sv: 'Slutdatum har passerat', nb: 'Sluttdatoen er passert', en: 'The end date has passed' },
    },
  },
});

/** The commands of a delegation. */
export type DelegationCommand = keyof (typeof definition)['commands'];
