import { Observable, type OperatorFunction } from 'rxjs';
import { LinkedSubscriber } from '../internal/linked-subscriber.js';

/**
 * Lets a source go on until a signal: then it lets go of both, and of all that is under way in the source, and goes on with
 * what is made then. Where the signal comes before the source has been asked, it never is.
 *
 * ```text
 * source                           -a-b-c-d-|
 * signal$                          -----x
 * project()                             --e|
 * interruptedBy(signal$, project)  -a-b---e|
 * source is held                   ^----!
 * ```
 *
 * @internal
 */
export const interruptedBy =
  <T, R>(signal$: Observable<unknown>, project: () => Observable<R>): OperatorFunction<T, T | R> =>
  (source) =>
    new Observable((subscriber) => {
      const work = new LinkedSubscriber<T>(subscriber, {
        next: (value) => {
          subscriber.next(value);
        },
      });
      let isInterrupted = false;
      const signal = new LinkedSubscriber(subscriber, {
        next: () => {
          isInterrupted = true;
          signal.unsubscribe();
          work.unsubscribe();
          const next$ = project();
          // Somebody may have left while it was made.
          if (!subscriber.closed) next$.subscribe(subscriber);
        },
        complete: () => undefined,
      });
      signal$.subscribe(signal);
      if (!subscriber.closed && !isInterrupted) source.subscribe(work);
    });
