import { isKnownError } from '../errors/known-error.js';

/** Those that may be over in a while; all where none says so. */
const retryable = (errors: readonly unknown[]): readonly unknown[] => {
  const some = errors.filter((error) => isKnownError(error) && error.isRetryable);
  return some.length === 0 ? errors : some;
};

/**
 * How long an error asks to be waited before the same thing is tried again, in milliseconds; 0 where it does not say. Of
 * several backends the one that is back first counts.
 *
 * @internal
 */
export function leastWait(error: unknown): number {
  if (!isKnownError(error)) return 0;
  switch (error._tag) {
    case 'RateLimitError':
      // Whoever makes one of their own may put anything there.
      return error.retryAfter !== null && error.retryAfter > 0 ? error.retryAfter : 0;
    case 'RetriesExhaustedError':
      return leastWait(error.cause);
    case 'AllBackendsFailedError':
      return Math.min(...retryable(error.errors).map(leastWait));
    default:
      return 0;
  }
}
