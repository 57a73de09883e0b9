import type { Channel } from './process.js';

/** Task queues. Workflows and commits share one, so that a commit is dispatched eagerly; each slow outside has its own. */
export const queues = {
  cases: 'registrar',
  mail: 'registrar-mail',
  sms: 'registrar-sms',
  bankId: 'registrar-bankid',
  register: 'registrar-register',
  exchange: 'registrar-exchange',
} as const;

/** Which queue delivers what a transaction promised. */
export const queueOf: Readonly<Record<Channel, string>> = {
  mail: queues.mail,
  sms: queues.sms,
  order: queues.register,
  start: queues.cases,
};
