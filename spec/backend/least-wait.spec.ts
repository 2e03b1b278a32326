import { expect } from 'chai';
import { leastWait } from '../../lib/backend/least-wait.js';
import { AllBackendsFailedError } from '../../lib/errors/all-backends-failed-error.js';
import { AuthenticationError } from '../../lib/errors/authentication-error.js';
import { RateLimitError } from '../../lib/errors/rate-limit-error.js';
import { RetriesExhaustedError } from '../../lib/errors/retries-exhausted-error.js';
import { ServerError } from '../../lib/errors/server-error.js';

const limited = (retryAfter: number | null, isRetryable = true): RateLimitError => new RateLimitError('m', { retryAfter, isRetryable });
const down = new ServerError('m');
const unauthorized = new AuthenticationError('m');
const row = (...errors: readonly unknown[]): RetriesExhaustedError => new RetriesExhaustedError('m', { errors });
const all = (...errors: readonly unknown[]): AllBackendsFailedError => new AllBackendsFailedError('m', { errors });

describe('leastWait', () => {
  const cases: readonly (readonly [what: string, error: unknown, wait: number])[] = [
    ['a rate limit', limited(250), 250],
    ['a rate limit that does not say', limited(null), 0],
    ['a rate limit that makes no sense', limited(-5), 0],
    ['another error', down, 0],
    ['an error of others', Object.assign(new Error('m'), { retryAfter: 9 }), 0],
    ['a row of attempts by its last', row(down, limited(30)), 30],
    ['a row of attempts that ended otherwise', row(limited(30), down), 0],
    ['several backends by the one that is back first', all(limited(40), row(limited(20)), unauthorized), 20],
    ['several backends of which one may be asked at once', all(limited(40), down), 0],
    ['several backends of which none is back', all(unauthorized, new Error('m')), 0],
    ['several backends that are limited for good', all(limited(40, false), limited(50, false)), 40],
  ];
  for (const [what, error, wait] of cases) {
    it(`tells the wait of ${what}`, () => {
      expect(leastWait(error)).to.equal(wait);
    });
  }
});
