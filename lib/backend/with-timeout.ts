import { timedStream } from './timed-stream.js';
import { askBackend, decoratedBackend } from './ask-backend.js';
import type { LLMBackend } from './backend.js';
import { checkTimeouts, type TimeoutConfig } from './timeout-config.js';

/**
 * Gives up an answer that does not begin, stands still, or comes to no end.
 *
 * ```text
 * backend                        -a-b-------c-|
 * withTimeout({ idle: 5 })       -a-b----#
 *
 * backend                        --k-k-k-k-k-k    k: nothing but a usage or an empty text
 * withTimeout({ firstToken: 7 }) --k-k-k#
 * ```
 *
 * Four clocks run on the scheduler. `connect`: until the backend calls `request.onOpen`, or gives its first chunk.
 * `firstToken`: until the first content. `idle`: from one content to the next. `total`: until the end. Content is text or
 * reasoning that is not empty, a tool call, a finish, and what the backend tells by `request.onContent`, such as a piece
 * of a tool call that is not whole yet. Keep-alives, empty pieces and the usage are none, so that they mask no silence.
 * After a `restart`, which makes the text so far void, the first content is waited for anew. Both callbacks of the request
 * are called, too. An answer whose `finish` has come is whole: where only its end is missing, it completes.
 *
 * Cold: a subscription is a request with clocks of its own, and keeps the text so far. Each answer has one timer; what
 * has come while the process was busy or asleep is read before a clock is taken for run out. Errors by tag:
 * `TimeoutError`, retryable, which has the `clock`, its `limit` and the `partial` text; the backend's pass through.
 * Unsubscribing leaves the request and clears the timer; so does a clock, before its error is told.
 *
 * ```ts
 * const stuck = scriptedBackend([{ marbles: 'a---', values: { a: { type: 'text', text: 'Hel' } } }]);
 * generate(withTimeout({ idle: 50 })(stuck), { messages: [] }).subscribe({
 *   error: (error: TimeoutError) => console.log(error.clock, error.partial), // idle Hel
 * });
 * ```
 *
 * `openAIBackend` has these clocks of its own. Around a `withRetry` they are those of all attempts together, inside one
 * those of each. They run while a request inside of them waits for anything else, too: for its turn in a line, or for
 * somebody to decide whether a run may spend more. And a clock that runs out cuts off a `withRetry` or a `withFallback`
 * inside before its `usage`, which comes at the end; a run with a ledger has counted it by then.
 *
 * @throws ContractError where a clock makes no sense.
 */
export function withTimeout(config: TimeoutConfig = {}): (backend: LLMBackend) => LLMBackend {
  checkTimeouts(config);
  return (backend) => decoratedBackend(timedStream((request) => askBackend(backend, request), config));
}
