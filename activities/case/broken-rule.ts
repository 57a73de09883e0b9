/**
 * The SQLSTATE by which Postgres says that it cannot hold what was written, however often it is asked: data of the wrong form or
 * size (class 22), or one of its own rules broken (23). Undefined for whatever may go better next time.
 */
export function brokenRule(cause: unknown): string | undefined {
  for (let at: unknown = cause, depth = 0; at && depth < 6; depth += 1) {
    const {
      originalCode,
      meta,
      cause: under,
    } = at as { originalCode?: unknown; meta?: { driverAdapterError?: unknown }; cause?: unknown };
    if (typeof originalCode === 'string' && /^2[23]/.test(originalCode)) return originalCode;
    at = under ?? meta?.driverAdapterError;
  }
  return undefined;
}
