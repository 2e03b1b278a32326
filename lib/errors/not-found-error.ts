import { BackendError } from './backend-error.js';
import type { EngineErrorOptions } from './engine-error.js';

/** There is no such model or address (404). Not retryable: mend `model` or `baseURL`. */
export class NotFoundError extends BackendError<'NotFoundError'> {
  static override readonly tag: string = 'NotFoundError';

  constructor(message: string, options?: EngineErrorOptions) {
    super(message, { isRetryable: false, ...options }, 'NotFoundError');
  }
}
