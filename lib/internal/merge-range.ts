import { Observable } from 'rxjs';
import { LinkedSubscriber } from './linked-subscriber.js';

/**
 * `merge(project(1), project(2), … project(count))` with at most `concurrency` of them at a time, each made only when
 * there is room for it.
 *
 * A loop and not recursion, so that synchronous sources by the hundred thousand do not overflow the stack, and nothing
 * is queued: `repeat` and the queue of `mergeMap` recurse, and `range` holds every number ahead.
 *
 * ```text
 * project(1)                 -a---|
 * project(2)                 --b|
 * project(3)                    -c|
 * mergeRange(3, 2, project)  -ab-c|
 * ```
 *
 * @internal
 */
export const mergeRange = <T>(count: number, concurrency: number, project: (index: number) => Observable<T>): Observable<T> =>
  new Observable<T>((subscriber) => {
    let index = 0;
    let active = 0;
    let isLooping = false;

    const proceed = (): void => {
      if (isLooping) return;
      isLooping = true;
      while (active < concurrency && index < count && !subscriber.closed) {
        active += 1;
        index += 1;
        const source = project(index);
        // Left while it was made.
        if (subscriber.closed) return;
        source.subscribe(new LinkedSubscriber<T>(subscriber, handlers));
      }
      isLooping = false;
      if (active === 0 && index >= count) subscriber.complete();
    };

    const handlers = {
      next: (value: T) => {
        subscriber.next(value);
      },
      complete: () => {
        active -= 1;
        proceed();
      },
    };
    proceed();
  });
