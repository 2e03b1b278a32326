import { asyncScheduler, timer, type MonoTypeOperatorFunction, type SchedulerLike, type Subscription } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import type { StreamEvent, StreamEventOf } from '../domain/stream-event.js';
import { continues } from '../domain/joined-token.js';
import { operate } from '../internal/operate.js';
import { LONGEST_DELAY } from '../internal/longest-delay.js';

/** Configuration of {@link coalesceTokens}. */
export interface CoalesceTokensConfig {
  /** The longest time a token may wait before it is emitted, in milliseconds. `Infinity`: until something else flushes it. */
  readonly maxDelay: number;
  /** The number of UTF-16 code units at which the text held is emitted at once. Defaults to no limit. */
  readonly maxLength?: number;
  /** Where the waiting happens. Defaults to `asyncScheduler`. */
  readonly scheduler?: SchedulerLike;
}

type TokenEvent = StreamEventOf<'token'>;

/**
 * Joins neighbouring tokens of one text into fewer, larger ones: for screens that cannot draw as fast as a model
 * speaks. Nothing is lost and nothing changes places.
 *
 * ```text
 * source                           -a-b-------c-|
 * coalesceTokens({ maxDelay: 5 })  ------A------(c|)
 * ```
 *
 * Any other event, a token of another source, channel, attempt or step, completion and errors flush what is held
 * first. A joined event has `seq` and `timestamp` of the last token in it, so `run.from(seq + 1)` goes on behind it;
 * the numbers have gaps, so {@link verifyOrder} belongs before this operator.
 *
 * State is per subscription. Errors pass through. Unsubscribing cancels the timer and drops what is held.
 *
 * ```ts
 * run.pipe(coalesceTokens({ maxDelay: 16 })).subscribe(draw);
 * ```
 */
export function coalesceTokens<Data extends JsonRecord = JsonRecord>({
  maxDelay,
  maxLength = Infinity,
  scheduler = asyncScheduler,
}: CoalesceTokensConfig): MonoTypeOperatorFunction<StreamEvent<Data>> {
  return operate<StreamEvent<Data>, StreamEvent<Data>>((subscriber) => {
    let held: TokenEvent | undefined;
    let clock: Subscription | undefined;

    const flush = (): void => {
      const event = held;
      held = undefined;
      clock?.unsubscribe();
      clock = undefined;
      if (event !== undefined) subscriber.next(event);
    };

    const hold = (event: TokenEvent): void => {
      const token = (held?.data.token ?? '') + event.data.token;
      held = { ...event, data: { ...event.data, token } };
      if (token.length >= maxLength) flush();
      else if (maxDelay <= LONGEST_DELAY) clock ??= timer(maxDelay, scheduler).subscribe(flush);
    };

    subscriber.add(() => clock?.unsubscribe());
    return {
      next: (event) => {
        if (held !== undefined && (event.type !== 'token' || !continues(held, event))) flush();
        // Whoever took what was flushed may have left with it; a timer that is started now would be nobody's.
        if (subscriber.closed) return;
        if (event.type === 'token') hold(event);
        else subscriber.next(event);
      },
      error: flush,
      complete: flush,
    };
  });
}
