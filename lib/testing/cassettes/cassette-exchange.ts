import type { LLMChunk, LLMRequest } from '../../backend/backend.js';
import type { RecordedError } from './recorded-error.js';

/**
 * A chunk and when it came.
 *
 * @internal
 */
export interface TimedChunk {
  /** In milliseconds since the subscription. */
  readonly at: number;
  readonly chunk: LLMChunk;
}

/**
 * How an answer ended, and when, in milliseconds since the subscription.
 *
 * @internal
 */
export type ExchangeEnd =
  | { readonly at: number; readonly how: 'complete' }
  | { readonly at: number; readonly how: 'error'; readonly error: RecordedError }
  /** Who listened has left. */
  | { readonly at: number; readonly how: 'cancelled' };

/**
 * One request and what came of it.
 *
 * @internal
 */
export interface Exchange {
  /** Of its section, in the order of asking. */
  readonly id: number;
  /** When it was asked, in milliseconds since the first request of its section. */
  readonly at: number;
  readonly request: LLMRequest;
  readonly chunks: readonly TimedChunk[];
  readonly end: ExchangeEnd;
}

/**
 * An exchange and the line of the cassette that it begins in, from 1.
 *
 * @internal
 */
export interface RecordedExchange extends Exchange {
  readonly line: number;
}
