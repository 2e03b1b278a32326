import { Observable, type Observer, type OperatorFunction, type Subscriber } from 'rxjs';
import { LinkedSubscriber } from './linked-subscriber.js';

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
      let handlers: Handlers<T>;
      // Linked before `setup` adds teardowns of its own: who leaves has let go of the source by then.
      const link = new LinkedSubscriber<T>(subscriber, {
        next: (value) => {
          handlers.next(value);
        },
        error: (error) => {
          handlers.error?.(error);
          subscriber.error(error);
        },
        complete: () => {
          handlers.complete?.();
          subscriber.complete();
        },
      });
      handlers = setup(subscriber);
      // Closed before it began: the source is not even asked.
      if (!subscriber.closed) source.subscribe(link);
    });
