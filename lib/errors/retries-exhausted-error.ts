import { BackendError } from './backend-error.js';
import { isEngineError, type EngineErrorOptions } from './engine-error.js';
import { keptErrors } from './kept-errors.js';

/** Every attempt at an answer failed in a way that another might not have. As retryable as its last error, which is its cause. */
export class RetriesExhaustedError extends BackendError<'RetriesExhaustedError'> {
  static override readonly tag: string = 'RetriesExhaustedError';

  /** What each attempt failed with, in the order of the attempts. Foreign errors are redacted copies. */
  readonly errors: readonly unknown[];

  constructor(message: string, { errors, ...options }: EngineErrorOptions & { readonly errors: readonly unknown[] }) {
    const last = errors.at(-1);
    super(message, { cause: last, isRetryable: isEngineError(last) && last.isRetryable, ...options }, 'RetriesExhaustedError');
    this.errors = keptErrors(errors, options.secrets);
  }
}
