import type { AnswerLimitError } from './answer-limit-error.js';
import type { AllBackendsFailedError } from './all-backends-failed-error.js';
import type { AuthenticationError } from './authentication-error.js';
import type { BadRequestError } from './bad-request-error.js';
import type { BufferOverflowError } from './buffer-overflow-error.js';
import type { CacheError } from './cache-error.js';
import type { CassetteError } from './cassette-error.js';
import type { ContractError } from './contract-error.js';
import type { EventOrderError } from './event-order-error.js';
import type { EventsNotHeldError } from './events-not-held-error.js';
import { isEngineError } from './engine-error.js';
import type { ExpectationError } from './expectation-error.js';
import type { BackendError } from './backend-error.js';
import type { MalformedError } from './malformed-error.js';
import type { NetworkError } from './network-error.js';
import type { NotFoundError } from './not-found-error.js';
import type { RateLimitError } from './rate-limit-error.js';
import type { RetriesExhaustedError } from './retries-exhausted-error.js';
import type { ScriptError } from './script-error.js';
import type { ServerError } from './server-error.js';
import type { StructuredOutputError } from './structured-output-error.js';
import type { TimeoutError } from './timeout-error.js';
import type { ToolCallError } from './tool-call-error.js';
import type { TruncatedError } from './truncated-error.js';

/** Every error of this library, as a union on `_tag`. */
export type KnownError =
  | AllBackendsFailedError
  | AnswerLimitError
  | AuthenticationError
  | BackendError<'BackendError'>
  | BadRequestError
  | BufferOverflowError
  | CacheError
  | CassetteError
  | ContractError
  | EventOrderError
  | EventsNotHeldError
  | ExpectationError
  | MalformedError
  | NetworkError
  | NotFoundError
  | RateLimitError
  | RetriesExhaustedError
  | ScriptError
  | ServerError
  | StructuredOutputError
  | TimeoutError
  | ToolCallError
  | TruncatedError;

/**
 * Whether `error` is one of this library's, of whichever copy of it, to switch on its `_tag`.
 *
 * ```ts
 * catchError((error: unknown) => (isKnownError(error) && error._tag === 'RateLimitError' ? timer(error.retryAfter ?? 1000) : throwError(() => error)));
 * ```
 */
export const isKnownError = (error: unknown): error is KnownError => isEngineError(error);
