import { Observable } from 'rxjs';
import { LinkedSubscriber } from '../internal/linked-subscriber.js';
import { checkCount } from './check-setting.js';
import { WaitingLine } from './waiting-line.js';

/** Configuration of {@link concurrencyLimit}. */
export interface ConcurrencyConfig {
  /** How many requests there are at a time at most, a whole number from 1. */
  readonly requests: number;
}

/** Room for so many requests at a time, shared by all who are given it. */
export interface ConcurrencyLimit {
  /** How many requests are under way. */
  readonly active: number;
  /** How many requests wait. */
  readonly waiting: number;
  /** The same source, subscribed when there is room for it, in the order of subscription. */
  readonly admit: <T>(source: Observable<T>) => Observable<T>;
}

/**
 * Makes room for so many requests at a time, to be given to `withConcurrency` as often as one likes: made once and shared
 * by every backend and every run of the process, it limits them all together. That sharing is what it is for, so this
 * value holds the count.
 *
 * ```ts
 * const limit = concurrencyLimit({ requests: 4 });
 * const [large, small] = [withConcurrency(limit)(scriptedBackend(['Hello'])), withConcurrency(limit)(scriptedBackend(['Hi']))];
 * ```
 *
 * @throws `ContractError` at the call where `requests` makes no sense.
 */
export function concurrencyLimit({ requests }: ConcurrencyConfig): ConcurrencyLimit {
  checkCount('requests', requests);
  const line = new WaitingLine<true>();
  let active = 0;

  const tryEnter = (): true | undefined => {
    if (active >= requests) return undefined;
    active += 1;
    return true;
  };

  /** Gives its place on after the source has been let go of, however it ends. */
  const occupy = <T>(source: Observable<T>): Observable<T> =>
    new Observable((subscriber) => {
      const link = new LinkedSubscriber<T>(subscriber, {
        next: (value) => {
          subscriber.next(value);
        },
      });
      // Behind the source, so that its transport is closed before another is opened.
      subscriber.add(() => {
        active -= 1;
        line.advance();
      });
      source.subscribe(link);
    });

  return {
    get active() {
      return active;
    },
    get waiting() {
      return line.length;
    },
    admit: (source) =>
      new Observable((subscriber) => {
        const entering = new LinkedSubscriber<true>(subscriber, {
          next: () => {
            occupy(source).subscribe(subscriber);
          },
          complete: () => undefined,
        });
        line.enter(tryEnter).subscribe(entering);
      }),
  };
}
