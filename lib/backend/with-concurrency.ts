import { defer } from 'rxjs';
import { askBackend, decoratedBackend } from './ask-backend.js';
import type { LLMBackend } from './backend.js';
import { concurrencyLimit, type ConcurrencyConfig, type ConcurrencyLimit } from './concurrency-limit.js';

/**
 * A backend that makes only so many requests at a time; the others wait, first come first served.
 *
 * ```text
 * 1st request                               -a-b-|
 * 2nd request                                     -c-|
 * withConcurrency({ requests: 1 })(backend)
 *   subscribed at 0                         -a-b-|
 *   subscribed at 2                         ------c-|
 * ```
 *
 * A place is given on when its request has been let go of: at its completion, its error, or when it is left. Who is left
 * while it waits is out of the line. There is no timer, and a wait has no end of its own: a limit on it belongs around this.
 *
 * Cold: a subscription is one request, and one place in the line. What is counted is held by the limit: given a
 * {@link ConcurrencyLimit}, that is shared by all who have it; given numbers, it is made at this call and shared by all
 * backends that are decorated by what is returned. One limit twice around the same backend waits for itself. Errors pass
 * through.
 *
 * ```ts
 * const backend = withConcurrency({ requests: 4 })(scriptedBackend(['Hello']));
 * generate(backend, { messages: [] }).subscribe(console.log); // Hello
 * ```
 *
 * @throws `ContractError` at the call where `requests` makes no sense.
 */
export function withConcurrency(limit: ConcurrencyLimit | ConcurrencyConfig): (backend: LLMBackend) => LLMBackend {
  const { admit } = 'admit' in limit ? limit : concurrencyLimit(limit);
  return (backend) => decoratedBackend((request) => admit(defer(() => askBackend(backend, request))));
}
