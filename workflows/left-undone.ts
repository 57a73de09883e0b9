import { ActivityFailure, ApplicationFailure, CancellationScope, TimeoutFailure, log } from '@temporalio/workflow';

/** The kind of a failure without its words, which may tell of persons: the type that an activity threw, or the limit it passed. */
function kindOf(cause: unknown): string {
  const within = cause instanceof ActivityFailure ? cause.cause : cause;
  if (within instanceof ApplicationFailure && within.type) return within.type;
  if (within instanceof TimeoutFailure) return `${within.name} ${within.timeoutType}`;
  return within instanceof Error ? within.name : 'unknown';
}

/**
 * For what may fail, since a later run does it: the log says what was left and the kind of the failure. Where the workflow itself
 * is being cancelled, the failure goes on.
 */
export const leftUndone =
  (what: string) =>
  (cause: unknown): void => {
    if (CancellationScope.current().consideredCancelled) throw cause;
    log.warn(what, { cause: kindOf(cause) });
  };
