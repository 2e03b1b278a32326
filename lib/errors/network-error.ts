import { BackendError } from './backend-error.js';
import type { EngineErrorOptions } from './engine-error.js';

/** The server could not be reached, or the connection broke before the answer began. Retryable. */
export class NetworkError extends BackendError<'NetworkError'> {
  static override readonly tag: string = 'NetworkError';

  constructor(message: string, options?: EngineErrorOptions) {
    super(message, { isRetryable: true, ...options }, 'NetworkError');
  }
}
