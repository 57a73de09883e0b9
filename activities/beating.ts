import { Context } from '@temporalio/activity';

/** How often work that goes on says so. */
export const BEAT_MS = 10_000;

/**
 * Beats every ten seconds while work goes on, so that an activity that takes long is not taken for dead and done twice; `also` is
 * done at each beat. Short work ends before the first one: the attempt itself was a sign of life, and a beat is a write at the
 * server.
 */
export async function beating<T>(work: () => Promise<T>, also: () => unknown = () => undefined): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => {
    context.heartbeat();
    also();
  }, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
