import { EMPTY, Subject, switchMap, timer, type Observable, type SchedulerLike } from 'rxjs';
import { LONGEST_DELAY } from '../internal/longest-delay.js';

/** Times what a run may take, with one timer that rests while nothing counts. */
export interface BudgetClock {
  /** Emits when the time is up, or as much of it as a timer holds. Nothing is timed unless this is subscribed. */
  readonly up$: Observable<unknown>;
  /** Begins to count down, in milliseconds; an infinity is not timed. */
  readonly run: (left: number) => void;
  /** Rests, and gives the milliseconds since it began. */
  readonly pause: () => number;
}

/** Makes a clock that rests. */
export const createBudgetClock = (scheduler: SchedulerLike): BudgetClock => {
  const left$ = new Subject<number>();
  let runsSince: number | undefined;
  return {
    up$: left$.pipe(switchMap((left) => (left === Infinity ? EMPTY : timer(Math.min(Math.max(left, 0), LONGEST_DELAY), scheduler)))),
    run: (left) => {
      if (left === Infinity) return;
      runsSince = scheduler.now();
      left$.next(left);
    },
    pause: () => {
      if (runsSince === undefined) return 0;
      const spent = scheduler.now() - runsSince;
      runsSince = undefined;
      left$.next(Infinity);
      return spent;
    },
  };
};
