import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { decoratedBackend } from './ask-backend.js';
import type { LLMBackend } from './backend.js';
import { checkBackends, checkCount, checkTime } from './check-setting.js';
import { raceForContent } from './race-for-content.js';

/** Configuration of {@link withHedge}. */
export interface HedgeConfig {
  /** How long there may be no content before another request begins, in milliseconds. Defaults to 2000. */
  readonly after?: number;
  /** How many requests are made for an answer at most, a whole number from 2. Defaults to 2, or to one a backend where there are more. */
  readonly attempts?: number;
  /** Other backends, which the further requests go to in turn. Defaults to none: all go to the decorated one. */
  readonly backends?: readonly LLMBackend[];
  /** What the wait runs on. Defaults to the async scheduler, which is virtual in `TestScheduler.run`. */
  readonly scheduler?: SchedulerLike;
}

/**
 * A backend that does not wait for a slow answer alone: after a time without content it makes a second request, and
 * whichever comes to content first is the answer.
 *
 * ```text
 * backend, 1st request             ------x-y-|
 * 2nd request                         -a-(b|)
 * withHedge({ after: 3 })(backend) ----a-(b|)      the 1st request is left at a
 *
 * backend, 1st request             -#
 * 2nd request                       --a-(b|)       at once
 * withHedge({ after: 3 })(backend) ---a-(b|)
 * ```
 *
 * Content is a text or reasoning that is not empty, a tool call, and what the backend tells by `request.onContent`, as
 * `openAIBackend` does with each piece of a call that is not whole yet. An empty answer, an error, usage or a finish alone
 * win nothing: while another is trying, or may begin, they are not heard. A request that waits in the line of a
 * `withRateLimit` or a `withConcurrency` inside has no content either, so a second one joins that line.
 *
 * Only the chunks of one request are given out, and none before it has won; it has as many `usage` as that request. The
 * others are left at the moment of the first content, which aborts them; what they cost is paid all the same.
 * A request that ends without content is followed by the next at once, but a backend that failed in a way that is not
 * retryable is not asked again. Where none comes to content, the first empty answer is given.
 *
 * Cold: a subscription is a race of its own. Unsubscribing aborts all requests and clears the timer. Errors: where all
 * requests fail, `AllBackendsFailedError` with their errors, and for a single one that error as it is; after the first
 * content those of the winner, as they are.
 *
 * ```ts
 * const slow = { tokens: ['slow'], interval: 5000 };
 * const backend = withHedge({ after: 10 })(scriptedBackend([slow, 'Hello']));
 * generate(backend, { messages: [] }).subscribe(console.log); // Hello
 * ```
 *
 * @throws `ContractError` at the call where a number or a backend makes no sense.
 */
export function withHedge(config: HedgeConfig = {}): (backend: LLMBackend) => LLMBackend {
  const { after = 2000, backends, scheduler = asyncScheduler } = config;
  if (backends !== undefined) checkBackends(backends);
  const others = [...(backends ?? [])];
  const { attempts = Math.max(2, others.length + 1) } = config;
  checkTime('after', after);
  checkCount('attempts', attempts, 2);

  return (backend) => {
    const inTurn = [backend, ...others];
    const contenders = Array.from({ length: attempts }, (_, index) => inTurn[index % inTurn.length] ?? backend);
    return decoratedBackend((request) => raceForContent({ request, contenders, after, scheduler }));
  };
}
