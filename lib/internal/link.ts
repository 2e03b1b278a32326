import { Observable, type OperatorFunction, type Subscriber } from 'rxjs';
import { LinkedSubscriber, type LinkHandlers } from './linked-subscriber.js';

/**
 * Builds an operator from handlers that say themselves what becomes of the subscriber at the end of the source: they may
 * complete it, or go on with another source. What they leave out goes on as it is.
 *
 * `make` runs once per subscription, so what it makes is the operator's state. The source is released as soon as the
 * subscriber closes, even while the source is emitting synchronously, and before a handler hears of its completion. What
 * a handler throws is the stream's error.
 *
 * @internal
 */
export const link =
  <T, R>(make: (subscriber: Subscriber<R>) => LinkHandlers<T>): OperatorFunction<T, R> =>
  (source) =>
    new Observable<R>((subscriber) => {
      const linked = new LinkedSubscriber<T>(subscriber, make(subscriber));
      // Closed before it began: the source is not even asked.
      if (!subscriber.closed) source.subscribe(linked);
    });
