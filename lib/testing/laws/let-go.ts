import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  from,
  ignoreElements,
  throwError,
  toArray,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import { fromOne } from '../../internal/from-input.js';

/**
 * Lets go of what was made for a law once the law is over, before its outcome is known. What the law says comes first,
 * whatever the letting go says.
 *
 * @internal
 */
export const thenLetGo = <R>(law$: Observable<R>, letGo: () => void | ObservableInput<unknown>): Observable<R> => {
  const letting$ = defer(() => fromOne<unknown>(letGo())).pipe(ignoreElements());
  return law$.pipe(
    toArray(),
    catchError((error: unknown) =>
      concat(
        letting$.pipe(catchError(() => EMPTY)),
        throwError(() => error),
      ),
    ),
    concatMap((given) => concat(letting$, from(given))),
  );
};
