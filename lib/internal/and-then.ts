import { concat, defer, of, takeWhile, throwError, type Observable, type OperatorFunction } from 'rxjs';

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
 * Passes the source through up to its first final value and lets go of it; then emits that value and goes on with what
 * is made of it.
 *
 * ```text
 * source                 -t-t-F-t-|
 * project(F)                  --x|
 * andThen(…)             -t-t-F--x|
 * ```
 *
 * The source is released before its final value is delivered: whatever it does then, an error included, is not heard.
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
        source.pipe(takeWhile(isOpen)),
        defer((): Observable<T | R> => (final === undefined ? throwError(missing) : goOn(final, project))),
      );
    });

const goOn = <Final, R>(final: Final, project: (final: Final) => Observable<R>): Observable<Final | R> =>
  concat(
    of(final),
    defer(() => project(final)),
  );
