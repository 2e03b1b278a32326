import { BackendError } from './backend-error.js';
import type { EngineErrorOptions } from './engine-error.js';

/** The server answered with something that is no chat completion, such as an HTML page. Not retryable: look at `baseURL`. */
export class MalformedError extends BackendError<'MalformedError'> {
  static override readonly tag: string = 'MalformedError';

  constructor(message: string, options?: EngineErrorOptions) {
    super(message, { isRetryable: false, ...options }, 'MalformedError');
  }
}
