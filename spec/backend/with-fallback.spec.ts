import { expect } from 'chai';
import * as fc from 'fast-check';
import { concat, of, throwError, type Observable } from 'rxjs';
import type { LLMBackend, LLMChunk } from '../../lib/backend/backend.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import { withFallback, type FallbackConfig } from '../../lib/backend/with-fallback.js';
import { withRetry } from '../../lib/backend/with-retry.js';
import { AllBackendsFailedError } from '../../lib/errors/all-backends-failed-error.js';
import { AnswerLimitError } from '../../lib/errors/answer-limit-error.js';
import { AuthenticationError } from '../../lib/errors/authentication-error.js';
import { BackendError } from '../../lib/errors/backend-error.js';
import { BadRequestError } from '../../lib/errors/bad-request-error.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { MalformedError } from '../../lib/errors/malformed-error.js';
import { NetworkError } from '../../lib/errors/network-error.js';
import { NotFoundError } from '../../lib/errors/not-found-error.js';
import { RateLimitError } from '../../lib/errors/rate-limit-error.js';
import { RetriesExhaustedError } from '../../lib/errors/retries-exhausted-error.js';
import { ScriptError } from '../../lib/errors/script-error.js';
import { ServerError } from '../../lib/errors/server-error.js';
import { TimeoutError } from '../../lib/errors/timeout-error.js';
import { ToolCallError } from '../../lib/errors/tool-call-error.js';
import { TruncatedError } from '../../lib/errors/truncated-error.js';
import { itObeysTheBackendLaws } from '../../lib/testing/laws/backend-laws.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { chunks, counted, inTurn, textOf } from '../support/backends-in-turn.js';
import { hearNow } from '../support/hear-now.js';
import { itLeavesNothingBehind } from '../support/it-leaves-nothing-behind.js';

const request = { messages: [] };
const down = new ServerError('The server is down.');
const unauthorized = new AuthenticationError('The key is wrong.');
const bad = new BadRequestError('The context is too long.');

const limited = (retryAfter: number): Error => new RateLimitError('Slow down.', { retryAfter });

const backendOf = (answer$: Observable<LLMChunk>): LLMBackend => ({ stream: () => answer$ });

/** A backend of the first answer that falls back on one of each of the others. */
const falling = (first: Observable<LLMChunk>, ...others: readonly Observable<LLMChunk>[]): LLMBackend =>
  withFallback({ backends: others.map(backendOf) })(backendOf(first));

const answerOf = (backend: LLMBackend): Observable<LLMChunk> => backend.stream(request);

describe('withFallback', () => {
  it('passes an answer on that succeeds, and asks no other', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold('          -a-r-e-(cf|)', chunks);
      const other = cold('          b|', chunks);
      const expected = '            -a-r-e-(cf|)';
      expectObservable(answerOf(falling(first, other))).toBe(expected, chunks);
      expectSubscriptions(first.subscriptions).toBe('^------!');
      expectSubscriptions(other.subscriptions).toBe([]);
    }));

  it('asks the next one where one fails, without a word where nothing had been said', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold('          -e#', chunks, down);
      const second = cold('           --#', chunks, unauthorized);
      const third = cold('              -a-(f|)', chunks);
      const expected = '            -e---a-(f|)';
      expectObservable(answerOf(falling(first, second, third))).toBe(expected, chunks);
      expectSubscriptions(first.subscriptions).toBe(' ^-!');
      expectSubscriptions(second.subscriptions).toBe('--^-!');
      expectSubscriptions(third.subscriptions).toBe(' ----^--!');
    }));

  it('takes back what had been said', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const first = cold('          -a-#', chunks, down);
      const other = cold('             -b-(f|)', chunks);
      const expected = '            -a-Rb-(f|)';
      expectObservable(answerOf(falling(first, other))).toBe(expected, chunks);
    }));

  it('asks all of the others and of nobody else, whatever becomes of the list', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const backends = [backendOf(cold('(a|)', chunks))];
      const decorate = withFallback({ backends });
      backends.length = 0;
      expectObservable(answerOf(decorate(backendOf(cold('-#', chunks, down))))).toBe('-(a|)', chunks);
    }));

  it('fails with all errors where all fail, the last one being one that would ask no other', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const errors = [unauthorized, down, bad];
      const expected = new AllBackendsFailedError(
        'All 3 backends failed. Mend one of them, or add another to fall back on. 1. The key is wrong. 2. The server is down. 3. The context is too long.',
        { errors },
      );
      expect(expected).to.deep.include({ errors, cause: bad, isRetryable: true });
      const [one = down, two, three] = errors;
      expectObservable(answerOf(falling(cold('-#', chunks, one), cold('-a#', chunks, two), cold('-#', chunks, three)))).toBe(
        '--aR#',
        { ...chunks },
        expected,
      );
    }));

  const exhaustedBy = (error: unknown): RetriesExhaustedError => new RetriesExhaustedError('Again and again.', { errors: [down, error] });
  const judged: readonly (readonly [error: unknown, fallsBack: boolean])[] = [
    [unauthorized, true],
    [new NotFoundError('m'), true],
    [new RateLimitError('m', { retryAfter: null }), true],
    [down, true],
    [new NetworkError('m'), true],
    [new TimeoutError('m', { clock: 'idle', limit: 1, partial: '' }), true],
    [new TruncatedError('m', { partial: '' }), true],
    [new MalformedError('m'), true],
    [new ToolCallError('m', { received: '' }), true],
    [new AnswerLimitError('m', { limit: 1, partial: '' }), true],
    [new AllBackendsFailedError('m', { errors: [bad] }), true],
    [new BackendError('m'), true],
    [exhaustedBy(unauthorized), true],
    [exhaustedBy(bad), false],
    [bad, false],
    [new ContractError('m'), false],
    [new ScriptError('m'), false],
    [new TypeError('fetch failed'), true],
    ['no error', true],
  ];
  for (const [error, fallsBack] of judged) {
    const name = error instanceof Error ? error.name : String(error);
    const cause = error instanceof RetriesExhaustedError ? `, at last by ${(error.cause as Error).name}` : '';
    it(`${fallsBack ? 'asks another' : 'asks no other'} after ${name}${cause}`, () =>
      agentMarbles(({ cold, expectObservable }) => {
        const answer$ = answerOf(falling(cold('-#', chunks, error), cold('-(b|)', chunks)));
        if (fallsBack) expectObservable(answer$).toBe('--(b|)', chunks);
        else expectObservable(answer$).toBe('-#', chunks, error);
      }));
  }

  it('asks another where its judge says so, and fails with what that throws', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const judgedBy = (shouldFallBack: (error: unknown) => boolean): LLMBackend =>
        withFallback({ backends: [backendOf(cold('-(b|)', chunks))], shouldFallBack })(backendOf(cold('-#', chunks, bad)));
      expectObservable(answerOf(judgedBy((error) => error === bad))).toBe('--(b|)', chunks);
      expectObservable(answerOf(judgedBy(() => false))).toBe('-#', chunks, bad);
      const throwing = (): never => {
        throw down;
      };
      expectObservable(answerOf(judgedBy(throwing))).toBe('-#', chunks, down);
    }));

  it('tells the cost of all backends once, at the end', () =>
    agentMarbles(({ cold, expectObservable }) => {
      expectObservable(answerOf(falling(cold('-au#', chunks, down), cold('(bvf|)', chunks)))).toBe('-a-(Rbfw|)', chunks);
      expectObservable(answerOf(falling(cold('-u#', chunks, down), cold('-v-#', chunks, down)))).toBe(
        '-----(w#)',
        chunks,
        new AllBackendsFailedError(
          'All 2 backends failed. Mend one of them, or add another to fall back on. 1. The server is down. 2. The server is down.',
          { errors: [down, down] },
        ),
      );
    }));

  it('stands within a retry, which waits as long as the one asks that is back first', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const first = inTurn(cold('#', chunks, limited(40)), cold('#', chunks, unauthorized));
      const other = inTurn(cold('#', chunks, limited(20)), cold('(a|)', chunks));
      const backend = withRetry({ delay: 0 })(withFallback({ backends: [other] })(first));
      expectObservable(answerOf(backend)).toBe('20ms (a|)', chunks);
    }));

  it('never joins the halves of two answers', () => {
    const part = fc.record({ tokens: fc.array(fc.stringMatching(/^[a-z]{0,3}$/), { maxLength: 5 }), isGood: fc.boolean() });
    fc.assert(
      fc.property(fc.array(part, { minLength: 2, maxLength: 6 }), (parts) => {
        const [first, ...others] = parts.map(({ tokens, isGood }): LLMBackend =>
          scriptedBackend([{ tokens, ...(isGood ? {} : { error: down }) }]),
        );
        if (first === undefined) throw new Error('There is no first backend.');
        const said: LLMChunk[] = [];
        answerOf(withFallback({ backends: others })(first)).subscribe({ next: (chunk) => said.push(chunk), error: () => undefined });
        const last = parts.find(({ isGood }) => isGood) ?? parts.at(-1);
        expect(textOf(said)).to.equal(last?.tokens.join(''));
      }),
    );
  });

  itLeavesNothingBehind([['-a-#', down], ['-#', down], ['-b-|']], 10, (stream) =>
    withFallback({ backends: [{ stream }, { stream }] })({ stream }),
  );

  it('begins with the decorated backend at each subscription', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const answer$ = answerOf(falling(cold('-#', chunks, down), cold('-(b|)', chunks)));
      expectObservable(answer$).toBe('--(b|)', chunks);
      expectObservable(answer$, '---^').toBe('-----(b|)', chunks);
    }));

  it('falls back from what a backend throws', () => {
    const throwing: LLMBackend = {
      stream: () => {
        throw unauthorized;
      },
    };
    expect(hearNow(answerOf(withFallback({ backends: [scriptedBackend(['x'])] })(throwing)))).to.have.length(3);
  });

  it('stops a burst when it is left', () => {
    const many = scriptedBackend([Array.from({ length: 1000 }, () => 'x')]);
    const failing = scriptedBackend([down]);
    expect(hearNow(answerOf(withFallback({ backends: [many] })(failing)), 2)).to.have.length(2);
  });

  it('refuses what makes no sense when it is called', () => {
    const wrong = [{ backends: [] }, { backends: [undefined] }, { backends: [{}] }, {}] as unknown as readonly FallbackConfig[];
    for (const config of wrong) expect(() => withFallback(config), JSON.stringify(config)).to.throw(ContractError, /^backends/);
  });

  const failing = backendOf(
    concat(
      of<LLMChunk>(chunks.x),
      throwError(() => down),
    ),
  );
  itObeysTheBackendLaws({ describe, it }, { make: (plan) => counted(plan, (other) => withFallback({ backends: [other] })(failing)) });
});
