import { BackendError } from './backend-error.js';
import type { EngineErrorOptions } from './engine-error.js';

/** The answer, or one event of it, was larger than is taken in: it was cut off. Not retryable: it would come again. */
export class AnswerLimitError extends BackendError<'AnswerLimitError'> {
  static override readonly tag: string = 'AnswerLimitError';

  /** The limit that it went beyond, in bytes. */
  readonly limit: number;
  /** What the text that had arrived begins with: at most 1000 UTF-16 code units. */
  readonly partial: string;

  constructor(message: string, { limit, partial, ...options }: EngineErrorOptions & { readonly limit: number; readonly partial: string }) {
    super(message, { isRetryable: false, ...options }, 'AnswerLimitError');
    this.limit = limit;
    this.partial = partial;
  }
}
