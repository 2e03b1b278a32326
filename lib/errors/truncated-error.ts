import { BackendError } from './backend-error.js';
import type { EngineErrorOptions } from './engine-error.js';

/** The answer ended before it was complete: neither a finish reason nor `[DONE]`, or a filter cut it off in a tool call. Retryable. */
export class TruncatedError extends BackendError<'TruncatedError'> {
  static override readonly tag: string = 'TruncatedError';

  /** The text that had arrived. */
  readonly partial: string;

  constructor(message: string, options: EngineErrorOptions & { readonly partial: string }) {
    super(message, { isRetryable: true, ...options }, 'TruncatedError');
    this.partial = options.partial;
  }
}
