import { Observable, Subject, takeUntil } from 'rxjs';

/**
 * `concat(project(1), project(2), … project(count))`, each of them made only when the one before has completed.
 *
 * A loop and not recursion, so that synchronous sources by the hundred thousand do not overflow the stack, and nothing
 * is queued: `repeat` recurses, and `range` with `concatMap` holds every number ahead.
 *
 * ```text
 * project(1)              -a|
 * project(2)                -b|
 * concatRange(2, project) -a-b|
 * ```
 *
 * @internal
 */
export const concatRange = <T>(count: number, project: (index: number) => Observable<T>): Observable<T> =>
  new Observable<T>((subscriber) => {
    const closed$ = new Subject<void>();
    subscriber.add(() => {
      closed$.next();
    });
    let index = 0;
    let isLooping = false;
    let isReady = true;

    const proceed = (): void => {
      isReady = true;
      if (isLooping) return;
      isLooping = true;
      while (isReady && !subscriber.closed) {
        if (index >= count) {
          subscriber.complete();
          break;
        }
        isReady = false;
        index += 1;
        run(index);
      }
      isLooping = false;
    };

    const run = (index: number): void => {
      let source: Observable<T>;
      try {
        source = project(index);
      } catch (error) {
        subscriber.error(error);
        return;
      }
      // Left while it was made: `closed$` has spoken already and would not release it.
      if (subscriber.closed) return;
      source.pipe(takeUntil(closed$)).subscribe({
        next: (value) => {
          subscriber.next(value);
        },
        error: (error: unknown) => {
          subscriber.error(error);
        },
        complete: proceed,
      });
    };
    proceed();
  });
