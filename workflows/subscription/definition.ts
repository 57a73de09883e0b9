import { defineProcess } from '../process.js';
import { chosen } from '../rules/period.js';

/**
 * A subscription to "a final grade can be set" (slutbetyg kan sättas) on a course code: somebody is told until a day up to three
 * years ahead (SU-01..04).
 */
export const definition = defineProcess({
  kind: 'subscription',
  path: 'subscriptions',
  title: { sv: 'Prenumeration på ”slutbetyg kan sättas”', nb: 'Abonnement på «sluttkarakter kan settes»', en: 'Subscription' },
  states: {
    active: { sv: 'Löper', nb: 'Løper', en: 'Active' },
    ended: { sv: 'Avslutad', nb: 'Avsluttet', en: 'Ended early' },
    expired: { sv: 'Utgången', nb: 'Utløpt', en: 'Expired' },
  },
  final: ['ended', 'expired'],
  birth: {
    by: { teacher: 'institution', examiner: 'institution', 'course-office': 'institution' },
    rule: 'SU-02',
    title: { sv: 'Prenumerera', nb: 'Abonner', en: 'Subscribe' },
  },
  readers: ['operations', 'auditor'],
  openRule: 'SU-05',
  bases: chosen,
  mendedBy: { operations: 'institution', teacher: 'own', examiner: 'own', 'course-office': 'own' },
  commands: {
    end: {
      kind: 'step',
      by: { teacher: 'own', examiner: 'own', 'course-office': 'own' },
      in: ['active'],
      rule: 'SU-05',
      title: { sv: 'Avsluta i förtid', nb: 'Avslutt før tiden', en: 'End early' },
    },
    due: {
      kind: 'step',
      by: { system: 'institution' },
      in: ['active'],
      rule: 'SU-04',
      title: { sv: 'Slutdatum har passerat', nb: 'Sluttdatoen er passert', en: 'The end date has passed' },
    },
  },
});

/** The commands of a subscription. */
export type SubscriptionCommand = keyof (typeof definition)['commands'];
