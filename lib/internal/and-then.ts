import { Observable, type OperatorFunction } from 'rxjs';
import { LinkedSubscriber } from './linked-subscriber.js';

/** Configuration of {@link andThen}. */
interface AndThenConfig<T, Final extends T, R> {
  /** Which value the source is waited for. */
  readonly isFinal: (value: T) => value is Final;
  /** What goes on from there. */
  readonly project: (final: Final) => Observable<R>;
  /** The error of a source that ends without a final value. */
  readonly missing: () => unknown;
  /** What goes on where the source fails or has no final value. Defaults to the error itself. */
  readonly recover?: (error: unknown) => Observable<R>;
}

/**
 * Passes the source through up to its first final value, lets go of it, and goes on with what is made of that value.
 *
 * ```text
 * source                 -t-t-F-t-|
 * project(F)                  --x|
 * andThen(…)             -t-t---x|
 * ```
 *
 * The source is released before anything is made of its final value, and where it gives that inside its own subscribe,
 * it returns from there first: whatever it does then, an error included, is not heard. What follows goes straight to the
 * subscriber, so that a chain of these is as deep as one.
 *
 * @internal
 */
export const andThen =
  <T, Final extends T, R>({ isFinal, project, missing, recover }: AndThenConfig<T, Final, R>): OperatorFunction<T, Exclude<T, Final> | R> =>
  (source) =>
    new Observable((subscriber) => {
      let isAsking = true;
      let later: (() => Observable<R>) | undefined;

      const goOn = (make: () => Observable<R>): void => {
        head.unsubscribe();
        if (isAsking) later = make;
        else if (!subscriber.closed) make().subscribe(subscriber);
      };
      const fail = (error: unknown): void => {
        if (recover === undefined) subscriber.error(error);
        else goOn(() => recover(error));
      };
      const head = new LinkedSubscriber<T>(subscriber, {
        next: (value) => {
          if (isFinal(value)) goOn(() => project(value));
          else subscriber.next(value as Exclude<T, Final>);
        },
        error: fail,
        complete: () => {
          fail(missing());
        },
      });
      source.subscribe(head);
      isAsking = false;
      if (later !== undefined && !subscriber.closed) later().subscribe(subscriber);
    });
