import { expect } from 'chai';
import { isRight } from 'fp-ts/lib/Either.js';
import * as errors from '../../../lib/index.js';
import { decode } from '../../../lib/domain/decode.js';
import { describeError } from '../../../lib/errors/describe-error.js';
import { BufferOverflowError } from '../../../lib/errors/buffer-overflow-error.js';
import { CacheError } from '../../../lib/errors/cache-error.js';
import { CassetteError } from '../../../lib/errors/cassette-error.js';
import { ExpectationError } from '../../../lib/errors/expectation-error.js';
import { AllBackendsFailedError } from '../../../lib/errors/all-backends-failed-error.js';
import { RetriesExhaustedError } from '../../../lib/errors/retries-exhausted-error.js';
import type { EngineError } from '../../../lib/errors/engine-error.js';
import type { KnownError } from '../../../lib/errors/known-error.js';
import { fromRecordedError, RecordedError, toRecordedError } from '../../../lib/testing/cassettes/recorded-error.js';

/** One of each class, with what only it has. The type asks for a new class to be added. */
const samples: Readonly<Record<KnownError['_tag'], KnownError>> = {
  AllBackendsFailedError: new AllBackendsFailedError('s', { errors: [], isRetryable: true }),
  AnswerLimitError: new errors.AnswerLimitError('q', { limit: 8, partial: 'so m' }),
  AuthenticationError: new errors.AuthenticationError('a'),
  BackendError: new errors.BackendError<'BackendError'>('b', { isRetryable: true }),
  BadRequestError: new errors.BadRequestError('c'),
  BufferOverflowError: new BufferOverflowError(4),
  CacheError: new CacheError('u', { operation: 'set' }),
  CassetteError: new CassetteError('d'),
  ContractError: new errors.ContractError('e'),
  EventOrderError: new errors.EventOrderError('f'),
  EventsNotHeldError: new errors.EventsNotHeldError(3, 7),
  ExpectationError: new ExpectationError('g'),
  MalformedError: new errors.MalformedError('h'),
  NetworkError: new errors.NetworkError('i'),
  NotFoundError: new errors.NotFoundError('j'),
  RateLimitError: new errors.RateLimitError('k', { retryAfter: 250, isRetryable: false }),
  RetriesExhaustedError: new RetriesExhaustedError('t', { errors: [], isRetryable: true }),
  ScriptError: new errors.ScriptError('l'),
  ServerError: new errors.ServerError('m', { isRetryable: false }),
  StructuredOutputError: new errors.StructuredOutputError('n', { issues: ['/a: wrong'], received: '{' }),
  TimeoutError: new errors.TimeoutError('r', { clock: 'idle', limit: 5, partial: 'so f' }),
  ToolCallError: new errors.ToolCallError('o', { received: '{"a' }),
  TruncatedError: new errors.TruncatedError('p', { partial: 'so f' }),
};

/** There and back, as through a file. */
const revived = (error: unknown): EngineError => {
  const decoded = decode(RecordedError, JSON.parse(JSON.stringify(toRecordedError(error))));
  if (!isRight(decoded)) throw new Error(decoded.left.join('; '));
  return fromRecordedError(decoded.right);
};

/** All that an error has of its own, but for where it was made. */
const contentOf = (error: Error): unknown => ({
  ...Object.fromEntries(Object.entries(error)),
  name: error.name,
  message: error.message,
});

describe('a recorded error', () => {
  for (const [tag, error] of Object.entries(samples)) {
    it(`comes back as the ${tag} it was`, () => {
      const back = revived(error);
      expect(Object.getPrototypeOf(back)).to.equal(Object.getPrototypeOf(error));
      expect(contentOf(back)).to.deep.equal(contentOf(error));
      expect(back._tag).to.equal(tag);
    });
  }

  it('keeps a wait that the server did not name', () => {
    expect(revived(new errors.RateLimitError('k', { retryAfter: null }))).to.have.property('retryAfter', null);
  });

  it('comes back as a BackendError of its name where it is foreign, described as it was', () => {
    const timeout = Object.assign(new Error('took too long'), { name: 'TimeoutError' });
    const namesake = Object.assign(new Error('slow down'), { name: 'RateLimitError' });
    for (const foreign of [timeout, namesake, new TypeError('x'), new Error(''), 'a text', { message: 'm', name: 'Odd' }, undefined]) {
      const back = revived(foreign);
      expect(back).to.be.instanceOf(errors.BackendError);
      expect(describeError(back)).to.deep.equal(describeError(foreign));
    }
    expect(toRecordedError(timeout)).to.deep.include({ _tag: 'BackendError', name: 'TimeoutError' });
  });

  it("comes back as a BackendError of its tag where the class is somebody's own", () => {
    class QuotaError extends errors.BackendError<'QuotaError'> {
      constructor(message: string) {
        super(message, { isRetryable: true }, 'QuotaError');
      }
    }
    const back = revived(new QuotaError('used up'));
    expect(back).to.be.instanceOf(errors.BackendError);
    expect(describeError(back)).to.deep.equal({ _tag: 'QuotaError', message: 'used up', isRetryable: true });
  });
});
