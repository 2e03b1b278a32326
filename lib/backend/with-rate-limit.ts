import { defer, type MonoTypeOperatorFunction } from 'rxjs';
import { ContractError } from '../errors/contract-error.js';
import { isKnownError } from '../errors/known-error.js';
import { oneThen } from '../internal/one-then.js';
import { operate } from '../internal/operate.js';
import { askBackend, decoratedBackend } from './ask-backend.js';
import type { LLMBackend, LLMChunk, LLMRequest } from './backend.js';
import { estimateInput } from './estimate-tokens.js';
import { leastWait } from './least-wait.js';
import type { RateLimiter, RateTicket } from './rate-limiter.js';

/** Configuration of {@link withRateLimit}. */
export interface RateLimitConfig {
  /**
   * How many tokens a request is taken for before it is made, a number from 0. Defaults to the characters of its messages,
   * tools and schema divided by 4, and its `maxTokens` (2048 where it has none), as servers do that reserve the answer.
   */
  readonly estimate?: (request: LLMRequest) => number;
}

/** What an answer may be long where the request does not say, in tokens. */
const DEFAULT_MAX_TOKENS = 2048;

const estimateRequest = (request: LLMRequest): number => estimateInput(request) + (request.maxTokens ?? DEFAULT_MAX_TOKENS);

const checkedTokens = (tokens: number): number => {
  if (tokens >= 0 && tokens < Infinity) return tokens;
  throw new ContractError(`estimate has to give a number of tokens from 0, not ${String(tokens)}.`);
};

/** Tells the limiter what an answer costs, and of a server that wants to be left alone. */
const listen = (limiter: RateLimiter, ticket: RateTicket): MonoTypeOperatorFunction<LLMChunk> =>
  operate<LLMChunk, LLMChunk>((subscriber) => ({
    next: (chunk) => {
      if (chunk.type === 'usage') ticket.correct(chunk.usage.inputTokens + chunk.usage.outputTokens);
      subscriber.next(chunk);
    },
    error: (error) => {
      // Before the request gives up its tokens: who waits for them is to wait for the server, too.
      const wait = leastWait(error);
      if (wait > 0) limiter.pause(wait);
      if (isKnownError(error) && error._tag === 'RateLimitError') ticket.correct(0);
    },
  }));

/**
 * A backend that keeps to the limits of its server: a request waits until there is room for it and for its tokens.
 *
 * ```text
 * rateLimiter({ requestsPerMinute: 1 })
 * 1st request                        -a-|
 * 2nd request                        60s      -b-|
 * withRateLimit(limiter)(backend)
 *   subscribed at 0                  -a-|
 *   subscribed at 1 s                @60s     -b-|
 * ```
 *
 * The tokens of a request are estimated before it and corrected by its `usage`; one that reports none, or is left, keeps
 * its estimate, and one that was refused by a `RateLimitError` cost a request and no tokens. A `RateLimitError` that says
 * how long to wait (`retryAfter`) passes through and holds up everybody who shares the limiter for that long; one within
 * the error of a `withRetry` or a `withFallback` inside does, too.
 *
 * What it counts is its own subscriptions: put it right around what speaks to the server, inside of `withRetry`,
 * `withHedge` and `withFallback`, and outside of `withTimeout`, whose clocks would run while it waits. A wait has no end of
 * its own.
 *
 * Cold: a subscription is one request and one turn in the line. State is the limiter's, and shared by all who have it.
 * Unsubscribing gives up the turn, or aborts the request. Errors are those of the backend; `ContractError` in the stream
 * where `estimate` gives no number of tokens.
 *
 * ```ts
 * const limiter = rateLimiter({ requestsPerMinute: 500, tokensPerMinute: 200_000 });
 * const backend = withRetry()(withRateLimit(limiter)(scriptedBackend(['Hello'])));
 * generate(backend, { messages: [] }).subscribe(console.log); // Hello
 * ```
 */
export function withRateLimit(
  limiter: RateLimiter,
  { estimate = estimateRequest }: RateLimitConfig = {},
): (backend: LLMBackend) => LLMBackend {
  return (backend) =>
    decoratedBackend((request) =>
      defer(() =>
        limiter
          .admit(checkedTokens(estimate(request)))
          .pipe(oneThen((ticket) => defer(() => askBackend(backend, request)).pipe(listen(limiter, ticket)))),
      ),
    );
}
