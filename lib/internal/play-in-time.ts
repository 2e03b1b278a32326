import { from, map, take, timer, type Observable, type SchedulerLike } from 'rxjs';

/**
 * Plays values with `interval` milliseconds before each, all at once where that is 0. Cold.
 *
 * ```text
 * playInTime(['a', 'b'], 3)      ---a--(b|)
 * playInTime(['a', 'b'], 0)      (ab|)
 * ```
 *
 * @internal
 * @param scheduler - Defaults to the async scheduler, which is virtual in `TestScheduler.run`.
 */
export function playInTime<T>(values: readonly T[], interval: number, scheduler?: SchedulerLike): Observable<T> {
  if (!(interval > 0)) return from(values);
  // One timer for all values: a timer a value would drift.
  return timer(interval, interval, scheduler).pipe(
    take(values.length),
    map((index) => values[index] as T),
  );
}
