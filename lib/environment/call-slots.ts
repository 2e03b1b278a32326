import { Observable } from 'rxjs';
import { LinkedSubscriber } from '../internal/linked-subscriber.js';

/** Room for so many calls at a time. */
export interface CallSlots {
  /** The same source, subscribed when there is room for it, in the order of subscription; where it is exclusive, alone. */
  readonly take: <T>(source: Observable<T>, isExclusive: boolean) => Observable<T>;
}

interface Waiting {
  readonly isExclusive: boolean;
  readonly begin: () => void;
}

/**
 * Makes room for `size` calls at a time. An exclusive one waits until none is at work, and those after it wait for it.
 *
 * ```text
 * take(a)              --a|
 * take(b, exclusive)      -b|
 * take(c)                   -c|
 * ```
 *
 * A loop and not recursion, so that a thousand quick calls behind a slow one do not overflow the stack. Who leaves gives
 * up what they waited for; what they held is not given on, since only all calls of an action are left together.
 *
 * @internal
 */
export const createCallSlots = (size: number): CallSlots => {
  const waiting = new Set<Waiting>();
  let active = 0;
  let isTakenAlone = false;
  let isLooping = false;

  const proceed = (): void => {
    if (isLooping) return;
    isLooping = true;
    // What is added while the loop runs is seen by it.
    for (const next of waiting) {
      if (isTakenAlone || active >= (next.isExclusive ? 1 : size)) break;
      waiting.delete(next);
      active += 1;
      isTakenAlone = next.isExclusive;
      next.begin();
    }
    isLooping = false;
  };

  const take = <T>(source: Observable<T>, isExclusive: boolean): Observable<T> =>
    new Observable((subscriber) => {
      const begin = (): void => {
        source.subscribe(
          new LinkedSubscriber<T>(subscriber, {
            next: (value) => {
              subscriber.next(value);
            },
            complete: () => {
              active -= 1;
              isTakenAlone = false;
              subscriber.complete();
              proceed();
            },
          }),
        );
      };
      const place: Waiting = { isExclusive, begin };
      waiting.add(place);
      subscriber.add(() => waiting.delete(place));
      proceed();
    });

  return { take };
};
