import { defineProcess } from '../process.js';
import { chosen } from '../rules/period.js';

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
      by: { examiner: 'course', 'course-office': 'institution' },
      in: ['active'],
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
