import { concatMap, defer, EMPTY, map, Observable, timeout, timer, type SchedulerLike } from 'rxjs';
import { tellHeard, type Heard } from './heard.js';
import type { Demand } from './law.js';
import { ProbeSubscriber } from './probe-subscriber.js';

/** How a stream is listened to. */
export interface HearingConfig {
  readonly demand: Demand;
  /** The longest wait for the end of the stream, in milliseconds. */
  readonly within: number;
  readonly scheduler: SchedulerLike;
  /** Leaves inside the value of this number, from 1. Defaults to never. */
  readonly leaveAfter?: number | undefined;
}

/**
 * Subscribes, and emits what was heard when that is over: at the end, or when the subscriber has left, and what was
 * under way then has returned. What was heard is a list that goes on growing if the stream goes on speaking. Cold.
 *
 * @internal
 */
export const hear = <T>(source: Observable<T>, { demand, within, scheduler, leaveAfter }: HearingConfig): Observable<Heard<T>> =>
  defer(() => {
    const probe = new ProbeSubscriber<T>(leaveAfter);
    const over$ = new Observable<Heard<T>>((subscriber) => {
      subscriber.add(probe);
      source.subscribe(probe);
      // Added last, so that the teardown of the source has run by then.
      probe.add(() => {
        subscriber.next(probe.heard);
        subscriber.complete();
      });
    });
    const tellSilence = (): Observable<never> => {
      demand(false, `an end within ${within} ms`, tellHeard(probe.heard));
      return EMPTY;
    };
    return over$.pipe(
      timeout({ first: within, scheduler, with: tellSilence }),
      concatMap((heard) =>
        timer(0, scheduler).pipe(
          map(() => {
            probe.endTurn();
            return heard;
          }),
        ),
      ),
    );
  });
