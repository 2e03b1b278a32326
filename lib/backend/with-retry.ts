import { asyncScheduler, catchError, defer, timer, type Observable, type SchedulerLike } from 'rxjs';
import { ContractError } from '../errors/contract-error.js';
import { isEngineError } from '../errors/engine-error.js';
import { errorTexts } from '../errors/kept-errors.js';
import { RetriesExhaustedError } from '../errors/retries-exhausted-error.js';
import { createBackoff } from '../internal/backoff.js';
import { oneThen } from '../internal/one-then.js';
import { randomNumber } from '../internal/random.js';
import { AnswerSoFar } from './answer-so-far.js';
import { askBackend, decoratedBackend } from './ask-backend.js';
import type { LLMBackend, LLMChunk } from './backend.js';
import { checkCount, checkTime } from './check-setting.js';
import { leastWait } from './least-wait.js';

/** Configuration of {@link withRetry}. */
export interface RetryConfig {
  /** How many requests are made for an answer in all, a whole number from 1. Defaults to 3. */
  readonly attempts?: number;
  /** The longest wait before the second request, in milliseconds; it doubles before each further one. Defaults to 500. */
  readonly delay?: number;
  /** What the longest wait never grows beyond, in milliseconds. Defaults to 30,000. */
  readonly maxDelay?: number;
  /** What all waits for an answer may take together, in milliseconds. Defaults to 60,000. */
  readonly maxWait?: number;
  /**
   * What becomes of an answer that breaks off after something was said: `restart` takes it back and asks again, `fail`
   * fails, `salvage` ends with the text that came. Defaults to `restart`.
   */
  readonly afterPartial?: 'restart' | 'fail' | 'salvage';
  /** Which errors another attempt may do without. Defaults to the errors of this library that are `isRetryable`. */
  readonly isRetryable?: (error: unknown) => boolean;
  /** Gives numbers from 0 up to 1 for the waits. Defaults to true chance. */
  readonly random?: () => number;
  /** What the waits run on. Defaults to the async scheduler, which is virtual in `TestScheduler.run`. */
  readonly scheduler?: SchedulerLike;
}

const POLICIES: ReadonlySet<unknown> = new Set(['restart', 'fail', 'salvage']);

const maySucceed = (error: unknown): boolean => isEngineError(error) && error.isRetryable;

/** A call that was cut off leaves no chunk behind. */
const isOfCall = (error: unknown): boolean => isEngineError(error) && error._tag === 'ToolCallError';

/** The error of an answer that could not be had: one alone is told as it is. */
const exhausted = (errors: readonly unknown[]): unknown =>
  errors.length === 1
    ? errors[0]
    : new RetriesExhaustedError(
        `The model was asked ${errors.length} times, and each time it failed. Mend what is wrong, or allow more attempts. ${errorTexts(errors)}`,
        { errors },
      );

/**
 * A backend that asks again where an answer fails in a way that another request may not.
 *
 * ```text
 * backend, 1st request       --#
 * 2nd request                     -a-(b|)
 * withRetry()(backend)       ------a-(b|)         silent: nothing had been said
 *
 * backend, 1st request       -x-#
 * 2nd request                      -a-(b|)
 * { afterPartial: restart }  -x-R---a-(b|)        R: restart, at once; the wait comes after it
 * { afterPartial: fail }     -x-#
 * { afterPartial: salvage }  -x-(s|)              s: finish, with the reason 'salvaged'
 * ```
 *
 * The waits are exponential with full jitter: anything from 0 to `delay`, 2 × `delay`, 4 × `delay`, … and at most
 * `maxDelay`. What a `RateLimitError` asks to be waited (`retryAfter`) is waited, and the jitter on top of it, so that
 * those who were sent away together do not come back together. The last wait is cut to what is left of `maxWait`.
 *
 * An answer has at most one `usage`: it comes at the end and is the sum of what all its attempts reported, whether it
 * ends well or not.
 *
 * Salvaged is a text with no tool call beside it; a call of which nothing had been given out is lost with the rest of
 * the answer. Its finish says that it was cut off, so that nothing is decided by it: it is no `DONE`, and JSON that looks
 * whole is asked for again as half a JSON is. Reasoning alone and tool calls are taken back, as with `restart`.
 *
 * Cold: a subscription is a row of requests with counts and waits of its own; nothing is kept between two. Unsubscribing
 * aborts the request or clears the timer. Errors: one that is not retryable, and a `RateLimitError` whose wait is longer
 * than what is left of `maxWait`, as it is and at once; `RetriesExhaustedError`, with the errors of all attempts, where
 * `attempts` or `maxWait` are used up after more than one, and after a single one its error as it is.
 *
 * ```ts
 * const down = new ServerError('The server is down.');
 * const backend = withRetry({ delay: 10 })(scriptedBackend([down, 'Hello']));
 * generate(backend, { messages: [] }).subscribe(console.log); // Hello
 * ```
 *
 * @throws `ContractError` at the call where a number or a policy makes no sense.
 */
export function withRetry(config: RetryConfig = {}): (backend: LLMBackend) => LLMBackend {
  const { attempts, afterPartial, isRetryable, scheduler, ...waits } = readConfig(config);

  return (backend) =>
    decoratedBackend((request) =>
      defer(() => {
        const answer = new AnswerSoFar();
        const errors: unknown[] = [];
        const nextWait = createBackoff(waits);

        const attempt = (): Observable<LLMChunk> => defer(() => askBackend(backend, request)).pipe(answer.listen, catchError(recover));

        const recover = (error: unknown): Observable<LLMChunk> => {
          errors.push(error);
          if (!isRetryable(error) || (answer.hasSpoken && afterPartial === 'fail')) return answer.fail(error);
          if (afterPartial === 'salvage' && answer.isWorthKeeping && !isOfCall(error)) return answer.keep();
          if (errors.length >= attempts) return answer.fail(exhausted(errors));
          const least = leastWait(error);
          const wait = nextWait(least);
          if (wait === undefined) return answer.fail(least > 0 ? error : exhausted(errors));
          return answer.beginAnew(error, () => timer(wait, scheduler).pipe(oneThen(attempt)));
        };
        return attempt();
      }),
    );
}

/** The configuration with its defaults, checked. */
function readConfig(config: RetryConfig): Required<RetryConfig> {
  const { attempts = 3, delay = 500, maxDelay = 30_000, maxWait = 60_000, afterPartial = 'restart' } = config;
  checkCount('attempts', attempts);
  for (const [name, time] of Object.entries({ delay, maxDelay, maxWait })) checkTime(name, time);
  if (!POLICIES.has(afterPartial))
    throw new ContractError(`afterPartial has to be 'restart', 'fail' or 'salvage', not ${JSON.stringify(afterPartial)}.`);
  const { isRetryable = maySucceed, random = randomNumber, scheduler = asyncScheduler } = config;
  return { attempts, delay, maxDelay, maxWait, afterPartial, isRetryable, random, scheduler };
}
