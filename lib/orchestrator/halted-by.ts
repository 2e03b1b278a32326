import { map, Observable, timer, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { LinkedSubscriber } from '../internal/linked-subscriber.js';
import { halt, type Halt } from './run-control.js';

/**
 * Lets a source go on until something else says that the run ends: then it lets go of the source, and of all that is
 * under way in it, tells of the end and completes.
 *
 * ```text
 * source               -a-b-c-d-|
 * halt$                -----h
 * haltedBy(halt$)      -a-b-(h|)
 * source is held       ^----!
 * ```
 *
 * `halt$` is let go of where the source ends first; its completion changes nothing, its error is the stream's.
 *
 * @internal
 */
export const haltedBy =
  <T>(halt$: Observable<Halt>): MonoTypeOperatorFunction<T | Halt> =>
  (source) =>
    new Observable((subscriber) => {
      const work = new LinkedSubscriber<T | Halt>(subscriber, {
        next: (value) => {
          subscriber.next(value);
        },
      });
      const end = new LinkedSubscriber<Halt>(subscriber, {
        next: (halted) => {
          work.unsubscribe();
          subscriber.next(halted);
          subscriber.complete();
        },
        complete: () => undefined,
      });
      halt$.subscribe(end);
      if (!subscriber.closed) source.subscribe(work);
    });

/** The end of a run for want of time; cold: the time runs from the subscription. */
export const timeIsUp = (what: string, within: number, scheduler: SchedulerLike): Observable<Halt> =>
  timer(within, scheduler).pipe(map(() => halt('timeout', `${what} took longer than ${within} ms`)));
