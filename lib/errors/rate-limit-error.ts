import { BackendError } from './backend-error.js';
import type { EngineErrorOptions } from './engine-error.js';

/** Too many requests or tokens (429). Retryable, after its wait. */
export class RateLimitError extends BackendError<'RateLimitError'> {
  static override readonly tag: string = 'RateLimitError';

  /** How long the server asks to wait, in milliseconds; `null` where it does not say. */
  readonly retryAfter: number | null;

  constructor(message: string, options: EngineErrorOptions & { readonly retryAfter: number | null }) {
    super(message, { isRetryable: true, ...options }, 'RateLimitError');
    this.retryAfter = options.retryAfter;
  }
}
