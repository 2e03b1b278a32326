import { BackendError } from './backend-error.js';
import type { EngineErrorOptions } from './engine-error.js';

/** The key is missing, wrong or not allowed to do this (401, 403). Not retryable: mend the key. */
export class AuthenticationError extends BackendError<'AuthenticationError'> {
  static override readonly tag: string = 'AuthenticationError';

  constructor(message: string, options?: EngineErrorOptions) {
    super(message, { isRetryable: false, ...options }, 'AuthenticationError');
  }
}
