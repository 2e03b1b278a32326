import { concat, defer, filter, takeWhile, throwError, type Observable, type OperatorFunction } from 'rxjs';

/** Configuration of {@link andThen}. */
interface AndThenConfig<T, Final extends T, R> {
  /** Which value the source was waited for. What comes after the first of them is ignored. */
  readonly isFinal: (value: T) => value is Final;
  /** What goes on from there. */
  readonly project: (final: Final) => Observable<R>;
  /** The error of a source that ends without a final value. */
  readonly missing: () => unknown;
}

/**
 * Passes the source through up to and including its first final value, then goes on with what is made of it.
 *
 * ```text
 * source                 -t-t-F-t-|
 * project(F)                  --x|
 * andThen(…)             -t-t-F--x|
 * ```
 *
 * @internal
 */
export const andThen =
  <T, Final extends T, R>({ isFinal, project, missing }: AndThenConfig<T, Final, R>): OperatorFunction<T, T | R> =>
  (source) =>
    defer(() => {
      let final: Final | undefined;
      const isOpen = (value: T): boolean => {
        if (!isFinal(value)) return true;
        final = value;
        return false;
      };
      return concat(
        // A source may emit again while its final value is still being delivered, before it is unsubscribed.
        source.pipe(
          filter(() => final === undefined),
          takeWhile(isOpen, true),
        ),
        defer((): Observable<R> => (final === undefined ? throwError(missing) : project(final))),
      );
    });
