import * as t from 'io-ts';
import { Finite } from '../../domain/finite.js';
import { keyOf } from '../../domain/key-of.js';
import { objectCodec } from '../../domain/object-codec.js';
import { AllBackendsFailedError } from '../../errors/all-backends-failed-error.js';
import { AnswerLimitError } from '../../errors/answer-limit-error.js';
import { AuthenticationError } from '../../errors/authentication-error.js';
import { BackendError } from '../../errors/backend-error.js';
import { BadRequestError } from '../../errors/bad-request-error.js';
import { BufferOverflowError } from '../../errors/buffer-overflow-error.js';
import { CacheError } from '../../errors/cache-error.js';
import { CassetteError } from '../../errors/cassette-error.js';
import { ContractError } from '../../errors/contract-error.js';
import { describeError } from '../../errors/describe-error.js';
import { isEngineError, type EngineError } from '../../errors/engine-error.js';
import { EventOrderError } from '../../errors/event-order-error.js';
import { EventsNotHeldError } from '../../errors/events-not-held-error.js';
import { ExpectationError } from '../../errors/expectation-error.js';
import type { KnownError } from '../../errors/known-error.js';
import { MalformedError } from '../../errors/malformed-error.js';
import { NetworkError } from '../../errors/network-error.js';
import { NotFoundError } from '../../errors/not-found-error.js';
import { RateLimitError } from '../../errors/rate-limit-error.js';
import { RetriesExhaustedError } from '../../errors/retries-exhausted-error.js';
import { ScriptError } from '../../errors/script-error.js';
import { ServerError } from '../../errors/server-error.js';
import { StructuredOutputError } from '../../errors/structured-output-error.js';
import { TimeoutError } from '../../errors/timeout-error.js';
import { ToolCallError } from '../../errors/tool-call-error.js';
import { TruncatedError } from '../../errors/truncated-error.js';

/** What some kinds of error know beside their message. */
const details = {
  retryAfter: t.union([Finite, t.null]),
  partial: t.string,
  received: t.string,
  clock: keyOf('TimeoutClock', ['connect', 'firstToken', 'idle', 'total']),
  limit: Finite,
  issues: t.readonlyArray(t.string),
  seq: Finite,
  oldest: Finite,
  buffer: Finite,
  operation: keyOf('CacheOperation', ['get', 'set']),
};

/**
 * An error as data: its tag, its message, and what its class needs to be made again. No cause and no stack.
 *
 * @internal
 */
export interface RecordedError extends t.TypeOf<typeof RecordedError> {}
/**
 * Codec of {@link RecordedError}. A foreign error has the tag `BackendError`, of which class it comes back, and its own
 * `name`, which is its tag then: described, it is what it was.
 *
 * @internal
 */
export const RecordedError = objectCodec(
  'RecordedError',
  { _tag: t.string, message: t.string, isRetryable: t.boolean },
  { name: t.string, ...details },
);

/** Not redacted yet, but for what every error is when it is built. */
export function toRecordedError(error: unknown): RecordedError {
  const { _tag, message, isRetryable } = describeError(error);
  if (!isEngineError(error)) return { _tag: 'BackendError', message, isRetryable: false, name: _tag };
  const held = Object.entries(details).flatMap(([key, codec]) => {
    const value: unknown = Reflect.get(error, key);
    return codec.is(value) ? [[key, value] as const] : [];
  });
  return { _tag, message, isRetryable, ...Object.fromEntries(held) };
}

type Maker = (recorded: RecordedError) => EngineError;

/** A kind of error that is made of a message and options. */
const plain =
  (Kind: new (message: string, options: { readonly isRetryable: boolean }) => EngineError): Maker =>
  ({ message, isRetryable }) =>
    new Kind(message, { isRetryable });

const makers: Readonly<Record<KnownError['_tag'], Maker>> = {
  // Their errors are causes, which are not recorded.
  AllBackendsFailedError: ({ message, isRetryable }) => new AllBackendsFailedError(message, { isRetryable, errors: [] }),
  AnswerLimitError: ({ message, isRetryable, limit = 0, partial = '' }) => new AnswerLimitError(message, { isRetryable, limit, partial }),
  AuthenticationError: plain(AuthenticationError),
  BackendError: plain(BackendError),
  BadRequestError: plain(BadRequestError),
  BufferOverflowError: ({ buffer = 0 }) => new BufferOverflowError(buffer),
  CacheError: ({ message, isRetryable, operation = 'get' }) => new CacheError(message, { isRetryable, operation }),
  CassetteError: plain(CassetteError),
  ContractError: plain(ContractError),
  EventOrderError: ({ message }) => new EventOrderError(message),
  EventsNotHeldError: ({ seq = 0, oldest = 0 }) => new EventsNotHeldError(seq, oldest),
  ExpectationError: ({ message }) => new ExpectationError(message),
  MalformedError: plain(MalformedError),
  NetworkError: plain(NetworkError),
  NotFoundError: plain(NotFoundError),
  RateLimitError: ({ message, isRetryable, retryAfter = null }) => new RateLimitError(message, { isRetryable, retryAfter }),
  RetriesExhaustedError: ({ message, isRetryable }) => new RetriesExhaustedError(message, { isRetryable, errors: [] }),
  ScriptError: ({ message }) => new ScriptError(message),
  ServerError: plain(ServerError),
  StructuredOutputError: ({ message, isRetryable, issues = [], received = '' }) =>
    new StructuredOutputError(message, { isRetryable, issues, received }),
  TimeoutError: ({ message, isRetryable, clock = 'total', limit = 0, partial = '' }) =>
    new TimeoutError(message, { isRetryable, clock, limit, partial }),
  ToolCallError: ({ message, isRetryable, received = '' }) => new ToolCallError(message, { isRetryable, received }),
  TruncatedError: ({ message, isRetryable, partial = '' }) => new TruncatedError(message, { isRetryable, partial }),
};

const known = new Map<string, Maker>(Object.entries(makers));

/**
 * The error that was recorded, as an instance of its class. One whose tag is of somebody's own class comes back as a
 * `BackendError` with that tag, a foreign one as a `BackendError` with its name as tag.
 *
 * @internal
 */
export function fromRecordedError(recorded: RecordedError): EngineError {
  const { _tag, message, isRetryable, name } = recorded;
  const make = name === undefined ? known.get(_tag) : undefined;
  return make?.(recorded) ?? new BackendError(message, { isRetryable }, name ?? _tag);
}
