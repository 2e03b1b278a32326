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
  /** Of the request before it was redacted; of an old or edited cassette it may be empty or of something else. */
  readonly hash: string;
  readonly request: LLMRequest;
  readonly chunks: readonly TimedChunk[];
  readonly end: ExchangeEnd;
}

/**
 * An exchange and its place in the cassette.
 *
 * @internal
 */
export interface RecordedExchange extends Exchange {
  /** From 1: its part of the cassette, with a header of its own. */
  readonly section: number;
  /** From 1: that it begins in. */
  readonly line: number;
}
