import type { Activities, Partners } from '../../activities/index.js';
import { runWorker, type Around } from '../../activities/worker-process.js';
import { queues } from '../../workflows/queues.js';

/**
 * The product's worker that dies by SIGKILL at the moment named by FAILPOINT. Lives in the tests: the product has no such branch,
 * only the seam in `runWorker`.
 *
 * - `after-commit`: right after the first COMMIT of `commit`, before its answer. With FAILPOINT_CASES=n the answers of all
 *   commits are held until n cases have one, and then it dies: n deaths in the gap for the price of one.
 * - `mail-before-send`, `mail-after-send`: after the claim and before the letter goes, after it went and before that is recorded.
 * - `sms-after-send`: after the message went and before that is recorded.
 * - `bankid-after-complete`: BankID has told `complete`, which it does once, and it is not stored yet.
 */
const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
};

const afterCommit = (activities: Activities): Activities => {
  const wanted = Number(process.env['FAILPOINT_CASES'] ?? 1);
  const committed = new Set<string>();
  const of = activities[queues.cases];
  return {
    ...activities,
    [queues.cases]: {
      ...of,
      commit: async (input: Parameters<typeof of.commit>[0]) => {
        await of.commit(input);
        committed.add(input.envelope.caseId);
        return committed.size >= wanted ? die() : new Promise<never>(() => undefined);
      },
    },
  };
};

const mail =
  (send: (partners: Partners) => Partners['mailer']['send']) =>
  (partners: Partners): Partners => ({ ...partners, mailer: { ...partners.mailer, send: send(partners) } });

const failpoints: Readonly<Record<string, Around>> = {
  'after-commit': { activities: afterCommit },
  'mail-before-send': { partners: mail(() => die) },
  'mail-after-send': {
    partners: mail((partners) => async (letter) => {
      await partners.mailer.send(letter);
      return die();
    }),
  },
  'sms-after-send': {
    partners: (partners) => ({
      ...partners,
      sms: {
        ...partners.sms,
        send: async (message) => {
          await partners.sms.send(message);
          return die();
        },
      },
    }),
  },
  'bankid-after-complete': {
    bankIdPollMs: 50,
    partners: (partners) => ({
      ...partners,
      bankId: {
        ...partners.bankId,
        collect: async (orderRef) => {
          const answer = await partners.bankId.collect(orderRef);
          return answer.status === 'complete' ? die() : answer;
        },
      },
    }),
  },
};

const chosen = failpoints[process.env['FAILPOINT'] ?? ''];
if (!chosen || process.env['NODE_ENV'] !== 'test') throw new Error('only for tests, with FAILPOINT set to one that is known');
await runWorker(chosen);
