import { catchError, defer, type Observable } from 'rxjs';
import { AllBackendsFailedError } from '../errors/all-backends-failed-error.js';
import { BackendError } from '../errors/backend-error.js';
import { errorTexts } from '../errors/kept-errors.js';
import { isKnownError } from '../errors/known-error.js';
import { AnswerSoFar } from './answer-so-far.js';
import { askBackend, decoratedBackend } from './ask-backend.js';
import type { LLMBackend, LLMChunk } from './backend.js';
import { checkBackends } from './check-setting.js';

/** Configuration of {@link withFallback}. */
export interface FallbackConfig {
  /** The backends that are asked after the decorated one, in this order; at least one. */
  readonly backends: readonly LLMBackend[];
  /** Whether another backend may do better after an error. Defaults to the table at {@link withFallback}. */
  readonly shouldFallBack?: (error: unknown) => boolean;
}

const allFailed = (errors: readonly unknown[]): AllBackendsFailedError =>
  new AllBackendsFailedError(
    `All ${errors.length} backends failed. Mend one of them, or add another to fall back on. ${errorTexts(errors)}`,
    { errors },
  );

const mayDoBetter = (error: unknown): boolean => {
  // Another backend is other code.
  if (!isKnownError(error)) return true;
  if (error._tag === 'RetriesExhaustedError') return mayDoBetter(error.errors.at(-1));
  return error._tag !== 'BadRequestError' && (error.isRetryable || error instanceof BackendError);
};

/**
 * A backend that asks the next one where one fails.
 *
 * ```text
 * backend                                      -x-#
 * other                                           --a-(b|)
 * withFallback({ backends: [other] })(backend) -x-R-a-(b|)    R: restart, where something had been said
 * ```
 *
 * After which errors the next one is asked, unless `shouldFallBack` says otherwise:
 *
 * | error | next? |
 * | --- | --- |
 * | `AuthenticationError`, `NotFoundError`, `RateLimitError`, `ServerError`, `NetworkError`, `TimeoutError` | yes |
 * | `TruncatedError`, `MalformedError`, `ToolCallError`, `AnswerLimitError`, `AllBackendsFailedError`, any other `BackendError` | yes |
 * | `RetriesExhaustedError` | as after its last error |
 * | `BadRequestError`: the request is at fault, and the next one would get the same | no |
 * | `ContractError`, `ScriptError` and what else of this library is neither a `BackendError` nor retryable | no |
 * | errors of other libraries | yes |
 *
 * An answer has at most one `usage`: it comes at the end and is the sum of what all backends reported that were asked.
 *
 * Cold: a subscription begins with the decorated backend and asks one at a time; that one failed is not kept for the next
 * subscription. Unsubscribing aborts the request. Errors: `AllBackendsFailedError`, with those of all backends, where the
 * last one fails; before that, one after which none is to be asked, as it is.
 *
 * ```ts
 * const down = scriptedBackend([new ServerError('The server is down.')]);
 * const backend = withFallback({ backends: [scriptedBackend(['Hello'])] })(down);
 * generate(backend, { messages: [] }).subscribe(console.log); // Hello
 * ```
 *
 * @throws `ContractError` at the call where there is no backend to fall back on.
 */
export function withFallback({ backends, shouldFallBack = mayDoBetter }: FallbackConfig): (backend: LLMBackend) => LLMBackend {
  checkBackends(backends);
  // What happens to the list later is not meant.
  const others = [...backends];

  return (first) =>
    decoratedBackend((request) =>
      defer(() => {
        const answer = new AnswerSoFar();
        const errors: unknown[] = [];

        const ask = (backend: LLMBackend): Observable<LLMChunk> =>
          defer(() => askBackend(backend, request)).pipe(answer.listen, catchError(recover));

        const recover = (error: unknown): Observable<LLMChunk> => {
          const next = others[errors.length];
          errors.push(error);
          if (next === undefined) return answer.fail(allFailed(errors));
          return shouldFallBack(error) ? answer.beginAnew(error, () => ask(next)) : answer.fail(error);
        };
        return ask(first);
      }),
    );
}
