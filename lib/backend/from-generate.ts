import { concatMap, defer, take, throwIfEmpty, type ObservableInput } from 'rxjs';
import { BackendError } from '../errors/backend-error.js';
import { fromOne } from '../internal/from-input.js';
import type { LLMBackend, LLMRequest } from './backend.js';
import { wholeAnswer } from './whole-answer.js';

/**
 * A backend from a function that gives the whole answer at once, now or later: the way in for models that cannot
 * stream. The answer arrives as one token; reasoning in `<think>…</think>` at its start goes before it, as reasoning.
 *
 * ```text
 * fn(request)                        ---x---|
 * fromGenerate(fn).stream(request)   ---(tf|)    t: the text x, f: finish 'stop'
 * ```
 *
 * Cold: a subscription is one call of `fn`. Unsubscribing unsubscribes what `fn` gave; of a Promise the result is
 * ignored. A function that blocks stops everything while it runs: see `fromWorker` of `purpose-rx/node`.
 *
 * ```ts
 * const shout = fromGenerate(({ messages }) => messages.at(-1)?.content.toUpperCase() ?? '');
 * generate(shout, { messages: [{ role: 'user', content: 'hello' }] }).subscribe(console.log); // HELLO
 * ```
 *
 * @param fn - Gives a text, or an Observable, a Promise or an async iterable of one; what follows the first is ignored.
 * @throws What `fn` throws or fails with, as it is; `BackendError` where it gives no text.
 */
export function fromGenerate(fn: (request: LLMRequest) => string | ObservableInput<string>): LLMBackend {
  return {
    stream: (request) =>
      defer(() => fromOne(fn(request))).pipe(
        take(1),
        throwIfEmpty(() => new BackendError('The function of fromGenerate ended without an answer.')),
        concatMap((text) => wholeAnswer(text, 'The function of fromGenerate')),
      ),
  };
}
