import type { Channel } from './process.js';

/**
 * Task queues, each with a worker and places of its own. Workflows and commits share one, so that a commit is dispatched eagerly.
 * `register` is for the work on cases in Ladok, itslearning, FS and the archive, which share its places; `upkeep` for what is done
 * for all cases together, which so waits for none of them.
 */
export const queues = {
  cases: 'registrar',
  mail: 'registrar-mail',
  sms: 'registrar-sms',
  bankId: 'registrar-bankid',
  register: 'registrar-register',
  exchange: 'registrar-exchange',
  upkeep: 'registrar-upkeep',
} as const;

/** Which queue delivers what a transaction promised. */
export const queueOf: Readonly<Record<Channel, string>> = {
  mail: queues.mail,
  sms: queues.sms,
  order: queues.register,
  start: queues.cases,
};
