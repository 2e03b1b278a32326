import type { MonoTypeOperatorFunction } from 'rxjs';

/** What `itObeysTheOperatorLaws` is given. */
export interface OperatorLawsConfig<T> {
  /** Makes the operator, set up so that it lets `sample` and `samples` through at once. */
  readonly make: () => MonoTypeOperatorFunction<T>;
  /** A value that may come first. */
  readonly sample: T;
  /**
   * Values, best three or more, that it lets through at once when they come one after the other. Where there are none,
   * `sample` comes three times, and the operator may do to a repeated value what it likes, so long as it does the same
   * each time.
   */
  readonly samples?: readonly T[];
}
