import { defer, reduce, type Observable } from 'rxjs';
import { askBackend } from './ask-backend.js';
import type { LLMBackend, LLMRequest } from './backend.js';

/**
 * The whole text of an answer as one value, when the answer is complete; empty where the model said nothing.
 *
 * ```text
 * backend             -a-b-R-c-d-|
 * generate(backend)   -----------(x|)    x = 'cd': what came before the restart is void
 * ```
 *
 * Cold: a subscription is one request. Unsubscribing aborts it. Errors of the backend go on as they are.
 *
 * ```ts
 * generate(scriptedBackend([['Hel', 'lo']]), { messages: [] }).subscribe(console.log); // Hello
 * ```
 */
export function generate(backend: LLMBackend, request: LLMRequest): Observable<string> {
  return defer(() => askBackend(backend, request)).pipe(
    reduce((text, chunk) => {
      if (chunk.type === 'restart') return '';
      return chunk.type === 'text' ? text + chunk.text : text;
    }, ''),
  );
}
