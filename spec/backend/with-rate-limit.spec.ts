import { expect } from 'chai';
import { from } from 'rxjs';
import type { LLMBackend, LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import { rateLimiter, type RateLimiter } from '../../lib/backend/rate-limiter.js';
import { withRateLimit } from '../../lib/backend/with-rate-limit.js';
import { withRetry } from '../../lib/backend/with-retry.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { RateLimitError } from '../../lib/errors/rate-limit-error.js';
import { ServerError } from '../../lib/errors/server-error.js';
import { itObeysTheBackendLaws } from '../../lib/testing/laws/backend-laws.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { chunks, counted, inTurn } from '../support/backends-in-turn.js';
import { hearNow } from '../support/hear-now.js';
import { itLeavesNothingBehind } from '../support/it-leaves-nothing-behind.js';

const request: LLMRequest = { messages: [] };

/** A request that is taken for so many tokens, its answer included. */
const requestOf = (tokens: number): LLMRequest => ({ messages: [{ role: 'user', content: 'x'.repeat(40) }], maxTokens: tokens - 10 });

const tooMany = (retryAfter: number | null) => new RateLimitError('Slow down.', { retryAfter });

const throwing = (): number => {
  throw new Error('no idea');
};

const spentWith = (limiter: RateLimiter, backend: LLMBackend, tokens: number) => withRateLimit(limiter)(backend).stream(requestOf(tokens));

describe('withRateLimit', () => {
  it('makes a request when there is room for it', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold('-a-|', chunks);
      const second = cold('-b-|', chunks);
      const backend = withRateLimit(rateLimiter({ requestsPerMinute: 1 }))(inTurn(first, second));
      expectObservable(backend.stream(request)).toBe('-a-|', chunks);
      expectObservable(backend.stream(request), '1s ^').toBe('60s -b-|', chunks);
      expectSubscriptions(first.subscriptions).toBe('^--!');
      expectSubscriptions(second.subscriptions).toBe('60s ^--!');
    }));

  it('asks nothing for who leaves while it waits, and lets the next one have the turn', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold('a|', chunks);
      const second = cold('b|', chunks);
      const backend = withRateLimit(rateLimiter({ requestsPerMinute: 1 }))(inTurn(first, second));
      expectObservable(backend.stream(request)).toBe('a|', chunks);
      expectObservable(backend.stream(request), '1s ^ 9s !').toBe('');
      expectObservable(backend.stream(request), '2s ^').toBe('60s b|', chunks);
      expectSubscriptions(second.subscriptions).toBe('60s ^!');
    }));

  it('shares a limiter among all backends that have it', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const limiter = rateLimiter({ requestsPerMinute: 1 });
      const [one, other] = [inTurn(cold('a|', chunks)), inTurn(cold('b|', chunks))];
      expectObservable(withRateLimit(limiter)(one).stream(request)).toBe('a|', chunks);
      expectObservable(withRateLimit(limiter)(other).stream(request)).toBe('60s b|', chunks);
    }));

  it('takes a request for its characters and the longest answer', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const limiter = rateLimiter({ tokensPerMinute: 2 * 2048 + 10 });
      const backend = inTurn(cold('a|', chunks), cold('b|', chunks), cold('x|', chunks));
      const ten: LLMRequest = { messages: [{ role: 'user', content: 'x'.repeat(37) }] };
      expectObservable(withRateLimit(limiter)(backend).stream(ten)).toBe('a|', chunks);
      expectObservable(withRateLimit(limiter)(backend).stream(request)).toBe('b|', chunks);
      expectObservable(withRateLimit(limiter)(backend).stream({ ...request, maxTokens: 1 })).toBe('60s x|', chunks);
    }));

  it('takes a request for what estimate says', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const limiter = rateLimiter({ tokensPerMinute: 10 });
      const backend = withRateLimit(limiter, { estimate: ({ maxTokens = 0 }) => maxTokens })(
        inTurn(cold('a|', chunks), cold('b|', chunks)),
      );
      expectObservable(backend.stream({ ...request, maxTokens: 4 })).toBe('a|', chunks);
      expectObservable(backend.stream({ ...request, maxTokens: 7 })).toBe('60s b|', chunks);
    }));

  it('counts the usage of an answer in place of the estimate', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const limiter = rateLimiter({ tokensPerMinute: 100 });
      // u: 5 tokens.
      expectObservable(spentWith(limiter, inTurn(cold('--u--|', chunks)), 90)).toBe('--u--|', chunks);
      expectObservable(spentWith(limiter, inTurn(cold('a|', chunks)), 85)).toBe('--a|', chunks);
      expectObservable(spentWith(limiter, inTurn(cold('b|', chunks)), 11), '---^').toBe('60s b|', chunks);
    }));

  it('keeps the estimate of an answer that tells no usage, fails or is left', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const down = new ServerError('down');
      const limiter = rateLimiter({ tokensPerMinute: 100 });
      expectObservable(spentWith(limiter, inTurn(cold('a|', chunks)), 40)).toBe('a|', chunks);
      expectObservable(spentWith(limiter, inTurn(cold('-#', chunks, down)), 30)).toBe('-#', chunks, down);
      expectObservable(spentWith(limiter, inTurn(cold('---', chunks)), 30), '^-!').toBe('---');
      expectObservable(spentWith(limiter, inTurn(cold('b|', chunks)), 11), '-----^').toBe('60s b|', chunks);
    }));

  it('holds everybody up for as long as a server asks to be left alone', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const limiter = rateLimiter({ requestsPerMinute: 100 });
      const decorate = withRateLimit(limiter);
      const error = tooMany(7000);
      expectObservable(decorate(inTurn(cold('-#', chunks, error))).stream(request)).toBe('-#', chunks, error);
      expectObservable(decorate(inTurn(cold('a|', chunks))).stream(request)).toBe('a|', chunks);
      expectObservable(decorate(inTurn(cold('b|', chunks))).stream(request), '--^').toBe('7001ms b|', chunks);
    }));

  it('gives the tokens of a refused request back, and not the request', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const limiter = rateLimiter({ requestsPerMinute: 2, tokensPerMinute: 100 });
      const error = tooMany(null);
      expectObservable(spentWith(limiter, inTurn(cold('-#', chunks, error)), 90)).toBe('-#', chunks, error);
      expectObservable(spentWith(limiter, inTurn(cold('a|', chunks)), 90)).toBe('-a|', chunks);
      expectObservable(spentWith(limiter, inTurn(cold('b|', chunks)), 10)).toBe('60s b|', chunks);
    }));

  it('goes on at once after a refusal that does not say how long to wait', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const decorate = withRateLimit(rateLimiter({ requestsPerMinute: 9 }));
      const error = tooMany(null);
      expectObservable(decorate(inTurn(cold('#', chunks, error))).stream(request)).toBe('#', chunks, error);
      expectObservable(decorate(inTurn(cold('a|', chunks))).stream(request)).toBe('a|', chunks);
    }));

  it('has each attempt of a withRetry around it wait for its turn', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const limiter = rateLimiter({ requestsPerMinute: 1 });
      const backend = inTurn(cold('#', chunks, new ServerError('down')), cold('a|', chunks));
      const retried = withRetry({ delay: 5, random: () => 0.5 })(withRateLimit(limiter)(backend));
      expectObservable(retried.stream(request)).toBe('60s a|', chunks);
    }));

  it('fails where the estimate is no number of tokens, or throws', () => {
    const backend: LLMBackend = inTurn();
    const limiter = rateLimiter({ tokensPerMinute: 10 });
    for (const tokens of [Number.NaN, -1, Infinity]) {
      let error: unknown;
      withRateLimit(limiter, { estimate: () => tokens })(backend)
        .stream(request)
        .subscribe({ error: (given: unknown) => (error = given) });
      expect(error).to.be.instanceOf(ContractError);
    }
    expect(hearNow(withRateLimit(limiter, { estimate: throwing })(backend).stream(request))).to.deep.equal(['# no idea']);
    expect(limiter.waiting).to.equal(0);
  });

  it('stops a burst when it is left', () => {
    const burst = Array.from({ length: 1000 }, (): LLMChunk => chunks.a);
    const backend = withRateLimit(rateLimiter({ requestsPerMinute: 1 }))({
      stream: () => from(burst),
    });
    expect(hearNow(backend.stream(request), 2)).to.have.length(2);
  });

  itLeavesNothingBehind([['-a-b-|']], 6, (stream) => withRateLimit(rateLimiter({ requestsPerMinute: 1 }))({ stream }));

  itObeysTheBackendLaws(
    { describe, it },
    { make: (plan) => counted(plan, withRateLimit(rateLimiter({ requestsPerMinute: 10, tokensPerMinute: 1_000_000 }))) },
  );
});
