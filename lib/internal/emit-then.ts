import { Observable } from 'rxjs';

/**
 * Emits a value and goes on with what is made then, unless everybody has left while they took it.
 *
 * ```text
 * project()              --x|
 * emitThen('v', project) v-x|
 * ```
 *
 * `concat(of(value), defer(project))`, but what follows goes straight to the subscriber: 0.4 µs where that takes 3.5, and
 * it stands four times in each step.
 *
 * @internal
 */
export const emitThen = <T, R>(value: T, project: () => Observable<R>): Observable<T | R> =>
  new Observable((subscriber) => {
    subscriber.next(value);
    if (!subscriber.closed) project().subscribe(subscriber);
  });
