import { Observable, type ObservableInput } from 'rxjs';
import { fromMany } from './from-input.js';
import { LinkedSubscriber } from './linked-subscriber.js';

/**
 * Asks a port when it is subscribed, and gives each value of its answer as what is made of it. What either of them throws
 * is the error.
 *
 * `defer(() => fromMany(ask())).pipe(map(project))` in one subscription: a quarter less.
 *
 * @internal
 */
export const askPort = <T, R>(ask: () => T | ObservableInput<T>, project: (value: T) => R): Observable<R> =>
  new Observable((subscriber) => {
    fromMany(ask()).subscribe(
      new LinkedSubscriber<T>(subscriber, {
        next: (value) => {
          subscriber.next(project(value));
        },
      }),
    );
  });
