import { BackendError } from './backend-error.js';
import { isEngineError, type EngineErrorOptions } from './engine-error.js';
import { keptErrors } from './kept-errors.js';

/** Each request for an answer failed, to whichever backend it went. Retryable where one of its errors is; the last one is its cause. */
export class AllBackendsFailedError extends BackendError<'AllBackendsFailedError'> {
  static override readonly tag: string = 'AllBackendsFailedError';

  /** What the requests failed with, in the order of their failures. Foreign errors are redacted copies. */
  readonly errors: readonly unknown[];

  constructor(message: string, { errors, ...options }: EngineErrorOptions & { readonly errors: readonly unknown[] }) {
    const isRetryable = errors.some((error) => isEngineError(error) && error.isRetryable);
    super(message, { cause: errors.at(-1), isRetryable, ...options }, 'AllBackendsFailedError');
    this.errors = keptErrors(errors, options.secrets);
  }
}
