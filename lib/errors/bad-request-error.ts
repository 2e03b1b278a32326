import { BackendError } from './backend-error.js';
import type { EngineErrorOptions } from './engine-error.js';

/** The server refused the request as it stands (400, 413, 422 …). Not retryable: mend the request. */
export class BadRequestError extends BackendError<'BadRequestError'> {
  static override readonly tag: string = 'BadRequestError';

  constructor(message: string, options?: EngineErrorOptions) {
    super(message, { isRetryable: false, ...options }, 'BadRequestError');
  }
}
