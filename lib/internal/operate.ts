import { Observable, Subject, takeUntil, type Observer, type OperatorFunction, type Subscriber } from 'rxjs';

/** What a hand-written operator does with its source. The source's error and completion go on by themselves afterwards. */
export type Handlers<T> = Pick<Observer<T>, 'next'> & Partial<Pick<Observer<T>, 'error' | 'complete'>>;

/**
 * Builds an operator from hand-written handlers when composition cannot express it.
 *
 * `setup` runs once per subscription, so its closure is the operator's state. The source is released as soon as the
 * subscriber closes, even while the source is emitting synchronously. What a handler throws is the stream's error.
 *
 * @internal
 */
export const operate =
  <T, R>(setup: (subscriber: Subscriber<R>) => Handlers<T>): OperatorFunction<T, R> =>
  (source) =>
    new Observable<R>((subscriber) => {
      const closed$ = new Subject<void>();
      subscriber.add(() => {
        closed$.next();
      });
      const handlers = setup(subscriber);
      // Closed before it began: `closed$` has spoken already and would not release the source.
      if (subscriber.closed) return;
      const guard = (handle: () => void): void => {
        try {
          handle();
        } catch (error) {
          subscriber.error(error);
        }
      };
      source.pipe(takeUntil(closed$)).subscribe({
        next: (value) => {
          try {
            handlers.next(value);
          } catch (error) {
            subscriber.error(error);
          }
        },
        error: (error: unknown) => {
          guard(() => handlers.error?.(error));
          subscriber.error(error);
        },
        complete: () => {
          if (!subscriber.closed) guard(() => handlers.complete?.());
          subscriber.complete();
        },
      });
    });
