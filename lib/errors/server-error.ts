import { BackendError } from './backend-error.js';
import type { EngineErrorOptions } from './engine-error.js';

/** The server failed (5xx, or an error inside a stream). Retryable. */
export class ServerError extends BackendError<'ServerError'> {
  static override readonly tag: string = 'ServerError';

  constructor(message: string, options?: EngineErrorOptions) {
    super(message, { isRetryable: true, ...options }, 'ServerError');
  }
}
