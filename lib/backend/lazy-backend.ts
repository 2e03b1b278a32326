import { catchError, defer, map, of, throwError, type Observable } from 'rxjs';
import { BackendError } from '../errors/backend-error.js';
import { errorText } from '../errors/describe-error.js';
import { oneThen } from '../internal/one-then.js';
import type { LLMBackend } from './backend.js';

const loadError = (cause: unknown): BackendError =>
  new BackendError(
    `The code that speaks to the server could not be loaded. Check that every file of your bundle is there. Cause: ${errorText(cause)}`,
    { cause },
  );

/**
 * A backend whose code is loaded at the first request, so that who never asks does not pay for it. Once it is there,
 * requests begin at once. Cold: unsubscribed while it loads, nothing is asked. Where it cannot be loaded, the request
 * errors with a `BackendError`, and the next one tries again.
 *
 * @internal
 */
export function lazyBackend(load: () => Promise<LLMBackend>): LLMBackend {
  let loaded: LLMBackend | undefined;

  const backend$ = defer((): Observable<LLMBackend> => {
    if (loaded !== undefined) return of(loaded);
    return defer(load).pipe(
      catchError((error: unknown) => throwError(() => loadError(error))),
      // What it learns is for all requests, those that began side by side included.
      map((backend) => (loaded ??= backend)),
    );
  });

  return { stream: (request) => backend$.pipe(oneThen((backend) => backend.stream(request))) };
}
