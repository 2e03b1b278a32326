import { asyncScheduler, timer, type Observable, type SchedulerLike, type Subscription } from 'rxjs';
import { ContractError } from '../errors/contract-error.js';
import { checkCount } from './check-setting.js';
import { RateWindow } from './rate-window.js';
import { WaitingLine } from './waiting-line.js';
import { LONGEST_DELAY } from '../internal/longest-delay.js';

/** Configuration of {@link rateLimiter}. One limit or both. */
export interface RateLimiterConfig {
  /** How many requests there are in any 60 seconds at most, a whole number from 1. Defaults to no limit. */
  readonly requestsPerMinute?: number;
  /** How many tokens, those of questions and answers together, a whole number from 1. Defaults to no limit. */
  readonly tokensPerMinute?: number;
  /** What time is told by and the waits run on. Defaults to the async scheduler, which is virtual in `TestScheduler.run`. */
  readonly scheduler?: SchedulerLike;
}

/** A request that a limiter has let go. */
export interface RateTicket {
  /** What it cost in truth, in tokens, in place of what it was taken for. */
  readonly correct: (tokens: number) => void;
}

/** A limit on requests and tokens a minute, shared by all who are given it. */
export interface RateLimiter {
  /** How many requests wait. */
  readonly waiting: number;
  /** Emits once, when a request of so many tokens may be made. Unsubscribing gives up the turn. */
  readonly admit: (tokens: number) => Observable<RateTicket>;
  /** Lets nobody go for so many milliseconds from now; a pause that ends later holds. */
  readonly pause: (milliseconds: number) => void;
}

/**
 * Makes a limit on requests and tokens a minute, to be given to `withRateLimit` as often as one likes: made once and
 * shared by every backend and every run of the process, it limits them all together. That sharing is what it is for, so
 * this value holds who waits and what was let go in the last minute.
 *
 * ```text
 * requestsPerMinute: 2
 * admit, subscribed at 0, 0, 0 and 10 s    a|  a|  60s a|  @60s a|
 * ```
 *
 * A sliding window: no 60 seconds hold more than the limits. First come first served: while the first one waits, so do
 * all behind it, a small request behind a large one too, so that none waits for ever; one that is larger than the limit
 * goes when nothing else counts any more. However many wait, there is one timer, for the first, and none where nobody
 * waits.
 *
 * ```ts
 * const limiter = rateLimiter({ requestsPerMinute: 500, tokensPerMinute: 200_000 });
 * const [large, small] = [withRateLimit(limiter)(scriptedBackend(['Hello'])), withRateLimit(limiter)(scriptedBackend(['Hi']))];
 * ```
 *
 * @throws `ContractError` at the call where a limit makes no sense, or there is none.
 */
export function rateLimiter({ requestsPerMinute, tokensPerMinute, scheduler = asyncScheduler }: RateLimiterConfig): RateLimiter {
  if (requestsPerMinute === undefined && tokensPerMinute === undefined)
    throw new ContractError('A rate limiter needs requestsPerMinute, tokensPerMinute, or both.');
  if (requestsPerMinute !== undefined) checkCount('requestsPerMinute', requestsPerMinute);
  if (tokensPerMinute !== undefined) checkCount('tokensPerMinute', tokensPerMinute);

  const past = new RateWindow({ requests: requestsPerMinute ?? Infinity, tokens: tokensPerMinute ?? Infinity });
  let pausedUntil = -Infinity;
  let clock: Subscription | undefined;
  const line = new WaitingLine<RateTicket>(() => clock?.unsubscribe());
  const advance = (): void => {
    line.advance();
  };

  const tryEnter = (tokens: number): RateTicket | undefined => {
    clock?.unsubscribe();
    const now = scheduler.now();
    const at = Math.max(pausedUntil, past.roomAt(tokens, now));
    if (at > now) {
      clock = timer(Math.min(at - now, LONGEST_DELAY), scheduler).subscribe(advance);
      return undefined;
    }
    const entry = past.add(tokens, now);
    return {
      correct: (cost) => {
        // What a backend reports may be anything, and would be counted for everybody.
        if (!(cost >= 0 && cost < Infinity)) return;
        past.correct(entry, cost);
        advance();
      },
    };
  };

  return {
    get waiting() {
      return line.length;
    },
    admit: (tokens) => line.enter(() => tryEnter(tokens)),
    pause: (milliseconds) => {
      if (!(milliseconds > 0)) return;
      pausedUntil = Math.max(pausedUntil, scheduler.now() + milliseconds);
      advance();
    },
  };
}
