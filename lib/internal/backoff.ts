/** How long is waited before something is tried again, in milliseconds. */
export interface BackoffConfig {
  /** The longest first wait; each later one may be twice as long. */
  readonly delay: number;
  /** What the longest wait never grows beyond. */
  readonly maxDelay: number;
  /** What all waits may take together. */
  readonly maxWait: number;
  /** Gives a number from 0 up to 1. */
  readonly random: () => number;
}

/** Beyond this the doubling says nothing more, and 0 times infinity would be no number. */
const MOST_DOUBLINGS = 60;

/**
 * Full-jitter exponential backoff: each call gives the next wait, anything from 0 to a bound that doubles, on top of the
 * least wait that is asked for, and cut to what is left of `maxWait`. `undefined` where nothing is left, or less than the
 * least wait. It counts what it gave, so there is one for each row of attempts.
 *
 * @internal
 */
export const createBackoff = ({ delay, maxDelay, maxWait, random }: BackoffConfig): ((least: number) => number | undefined) => {
  let doublings = 0;
  let left = maxWait;

  return (least) => {
    const bound = Math.min(maxDelay, delay * 2 ** Math.min(doublings, MOST_DOUBLINGS));
    if (least > left || (left <= 0 && bound > 0)) return undefined;
    doublings += 1;
    // Timers cut off parts of a millisecond, and the least wait is to be kept.
    const wait = Math.min(left, Math.ceil(least + random() * bound));
    left -= wait;
    return wait;
  };
};
