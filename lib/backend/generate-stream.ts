import { defer, type Observable } from 'rxjs';
import { BackendError } from '../errors/backend-error.js';
import { operate } from '../internal/operate.js';
import { askBackend } from './ask-backend.js';
import type { LLMBackend, LLMChunk, LLMRequest } from './backend.js';

/**
 * The text of an answer, token by token; reasoning, usage and tool calls are left out.
 *
 * ```text
 * backend                    -a-r-b-u-(f|)
 * generateStream(backend)    -a---b---|
 * ```
 *
 * It cannot take back what it said, so a `restart` after the first token is an error:
 *
 * ```text
 * backend                    -R-a-R-b|
 * generateStream(backend)    ---a-#
 * ```
 *
 * Cold: a subscription is one request. Unsubscribing aborts it.
 *
 * ```ts
 * generateStream(scriptedBackend([['Hel', 'lo']]), { messages: [] }).subscribe(console.log); // Hel, lo
 * ```
 *
 * @throws `BackendError` (retryable) at a restart after the first token; errors of the backend as they are.
 */
export function generateStream(backend: LLMBackend, request: LLMRequest): Observable<string> {
  return defer(() => askBackend(backend, request)).pipe(
    operate<LLMChunk, string>((subscriber) => {
      let hasSpoken = false;
      return {
        next: (chunk) => {
          if (chunk.type === 'text' && chunk.text !== '') {
            hasSpoken = true;
            subscriber.next(chunk.text);
          } else if (chunk.type === 'restart' && hasSpoken) {
            throw new BackendError('The answer began anew after a part of it had been passed on; generate() can take that.', {
              isRetryable: true,
            });
          }
        },
      };
    }),
  );
}
