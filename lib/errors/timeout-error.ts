import { BackendError } from './backend-error.js';
import type { EngineErrorOptions } from './engine-error.js';

/**
 * Which clock ran out: `connect` until the server began to answer, `firstToken` until the first content, `idle` between
 * contents, `total` for the whole answer.
 */
export type TimeoutClock = 'connect' | 'firstToken' | 'idle' | 'total';

/** What a {@link TimeoutError} tells. */
export interface TimeoutDetails {
  readonly clock: TimeoutClock;
  readonly limit: number;
  readonly partial: string;
}

/** A server was waited for long enough: it did not begin to answer, fell silent, or came to no end. Retryable. */
export class TimeoutError extends BackendError<'TimeoutError'> {
  static override readonly tag: string = 'TimeoutError';

  /** The clock that ran out. */
  readonly clock: TimeoutClock;
  /** What it was set to, in milliseconds. */
  readonly limit: number;
  /** The text that had arrived. */
  readonly partial: string;

  constructor(message: string, { clock, limit, partial, ...options }: EngineErrorOptions & TimeoutDetails) {
    super(message, { isRetryable: true, ...options }, 'TimeoutError');
    this.clock = clock;
    this.limit = limit;
    this.partial = partial;
  }
}
