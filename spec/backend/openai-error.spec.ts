import { expect } from 'chai';
import { inspect } from 'node:util';
import { APIConnectionError, APIError } from 'openai';
import { APIConnectionError as APIConnectionError7, APIError as APIError7 } from 'openai7';
import { excerpt, quote, toClientError, toReportedError, toRequestError } from '../../lib/backend/openai-error.js';
import { RateLimitError } from '../../lib/errors/rate-limit-error.js';

const KEY = 'planted-key-5d2f';
const context = { secrets: [KEY], now: () => Date.UTC(2026, 0, 1) };

const CLIENTS = [
  { major: 6, APIError, APIConnectionError },
  { major: 7, APIError: APIError7, APIConnectionError: APIConnectionError7 },
];

/** The error of a refusal, as a client of this class makes it. */
const answeredBy =
  (Made: typeof APIError | typeof APIError7) =>
  (status: number, error: object = { message: 'because' }, headers: Record<string, string> = {}) =>
    toRequestError(Made.generate(status, { error }, undefined, new Headers(headers)), context);

for (const { major, APIError, APIConnectionError } of CLIENTS) {
  describe(`toRequestError, openai ${major}`, () => {
    const answered = answeredBy(APIError);

    it('tells what to do by the status', () => {
      const tags: Record<number, string> = {
        400: 'BadRequestError',
        401: 'AuthenticationError',
        402: 'AuthenticationError',
        403: 'AuthenticationError',
        404: 'NotFoundError',
        405: 'NotFoundError',
        408: 'ServerError',
        409: 'ServerError',
        413: 'BadRequestError',
        418: 'BadRequestError',
        422: 'BadRequestError',
        429: 'RateLimitError',
        500: 'ServerError',
        503: 'ServerError',
        529: 'ServerError',
      };
      for (const [status, tag] of Object.entries(tags)) {
        const error = answered(Number(status));
        expect(error._tag, status).to.equal(tag);
        expect(error.message).to.include(status).and.include('because');
        expect(error.isRetryable, status).to.equal(tag === 'ServerError' || tag === 'RateLimitError');
      }
    });

    it('tells how long to wait', () => {
      const error = answered(429, {}, { 'retry-after': 'Thu, 01 Jan 2026 00:00:07 GMT' });
      expect(error).to.be.instanceOf(RateLimitError).with.property('retryAfter', 7000);
      expect(error.message).to.include('7000 ms');
      expect(answered(429)).to.have.property('retryAfter', null);
    });

    it('does not ask for another try where the quota is used up', () => {
      const error = answered(429, { message: 'pay', code: 'insufficient_quota' });
      expect(error._tag).to.equal('RateLimitError');
      expect(error.isRetryable).to.equal(false);
    });

    it('names the innermost cause of a failed connection', () => {
      const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
      const error = toRequestError(
        new APIConnectionError({ message: 'Connection error.', cause: new TypeError('fetch failed', { cause: refused }) }),
        context,
      );
      expect(error._tag).to.equal('NetworkError');
      expect(error.message).to.include('ECONNREFUSED');
    });

    it('holds no key, wherever it was', () => {
      const cause = new Error(`refused ${KEY}`, { cause: new Error(KEY) });
      const errors = [
        answered(401, { message: `wrong key ${KEY}`, param: KEY }, { 'x-echo': KEY }),
        answered(400, { detail: [{ input: { key: KEY } }] }),
        answered(500, { message: `${'x'.repeat(290)}${KEY}` }),
        toRequestError(new APIConnectionError({ message: KEY, cause }), context),
        toRequestError(new Error(KEY), context),
        toClientError(cause, context),
        toReportedError({ message: KEY, code: 500 }, context),
        toReportedError(KEY, context),
      ];
      for (const error of errors) {
        const all = `${inspect(error, { depth: Infinity, showHidden: true })}${JSON.stringify(error)}${error.stack}`;
        expect(all).to.not.include(KEY.slice(0, 8));
      }
    });
  });
}

describe('toRequestError', () => {
  it('takes a bare failure of fetch for one of the connection', () => {
    expect(toRequestError(new TypeError('fetch failed', { cause: new Error('x') }), context)._tag).to.equal('NetworkError');
  });

  it('takes everything else for a request that could not be made', () => {
    expect(toRequestError(new TypeError('Invalid URL'), context)).to.include({ _tag: 'BackendError', isRetryable: false });
    expect(toRequestError('oh', context)._tag).to.equal('BackendError');
  });

  it('leaves an error of this library as it is', () => {
    const error = toReportedError('x', context);
    expect(toRequestError(error, context)).to.equal(error);
  });
});

describe('toReportedError', () => {
  it('tells what to do by status, code or type', () => {
    const cases: readonly (readonly [body: unknown, tag: string])[] = [
      [{ status: 401 }, 'AuthenticationError'],
      [{ code: '429' }, 'RateLimitError'],
      [{ code: 'rate_limit_exceeded' }, 'RateLimitError'],
      [{ type: 'authentication_error' }, 'AuthenticationError'],
      [{ type: 'invalid_request_error', code: null }, 'BadRequestError'],
      [{ code: 'context_length_exceeded' }, 'BadRequestError'],
      [{ code: 'model_not_found' }, 'NotFoundError'],
      [{ type: 'overloaded_error' }, 'ServerError'],
      [{ code: 1305 }, 'ServerError'],
      [{ detail: 'Not Found' }, 'NotFoundError'],
      [{ message: 'The model `x` does not exist' }, 'NotFoundError'],
      [{ detail: 'Not authenticated' }, 'AuthenticationError'],
      [{ error: { message: 'Too many requests' } }, 'RateLimitError'],
      ['prompt too long', 'BadRequestError'],
      [{ type: 'server_error', message: 'the cache was not found' }, 'ServerError'],
      [{ message: 'the author has no quota of luck' }, 'ServerError'],
      [{}, 'ServerError'],
      ['oh', 'ServerError'],
      [null, 'ServerError'],
    ];
    for (const [body, tag] of cases) expect(toReportedError(body, context)._tag, JSON.stringify(body)).to.equal(tag);
  });

  it('quotes what was said, however it is wrapped', () => {
    for (const body of ['no luck', { message: 'no luck' }, { detail: 'no luck' }, { error: { message: 'no luck' } }, { why: 'no luck' }]) {
      expect(toReportedError(body, context).message).to.include('no luck');
    }
  });
});

describe('toClientError', () => {
  it('tells a missing key from everything else', () => {
    expect(toClientError(new Error('Missing credentials. Please pass an `apiKey`'), context)._tag).to.equal('AuthenticationError');
    expect(toClientError(new Error("Cannot find package 'openai'"), context)._tag).to.equal('BackendError');
  });
});

describe('excerpt', () => {
  it('is what a text begins with, and leaves no half of a key where it cuts', () => {
    expect(excerpt('abc', [], 2)).to.equal('ab');
    for (const end of [1, 5, KEY.length - 1]) {
      // All that comes before is hidden and short, so that what was looked at last is within what is kept.
      const text = `${KEY} `.repeat(Math.ceil(20_000 / (KEY.length + 1))).slice(0, 20_000 - end) + KEY.repeat(3000);
      const kept = excerpt(text, [KEY], 100_000);
      expect(kept.length).to.be.below(20_000);
      expect(kept).to.include('[redacted]').and.not.include(KEY.slice(0, 5));
    }
  });

  it('takes no time for a long text', () => {
    const began = performance.now();
    excerpt('api_key '.repeat(2 ** 20), [], 1000);
    expect(performance.now() - began).to.be.below(200);
  });
});

describe('quote', () => {
  it('is short, on one line, and leaves no half of a key where it cuts', () => {
    const quoted = quote(`${'x\n'.repeat(148)}${KEY}`, [KEY]);
    expect(quoted.length).to.be.at.most(301);
    expect(quoted).to.not.include('\n').and.not.include('plan');
  });
});
