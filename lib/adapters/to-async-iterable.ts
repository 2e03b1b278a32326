import type { Observable } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import type { StreamEvent } from '../domain/stream-event.js';
import { bufferSettings, type BufferConfig, type EventBufferConfig } from './buffer-config.js';
import { BufferedIterator } from './buffered-iterator.js';

/**
 * A run, or any Observable, for `for await`: who takes slowly holds up nobody else, and what waits is bounded.
 *
 * ```text
 * source                        -a-b-c-X-|          a, b, c: tokens of one text, X: another event
 * next()                        ^        ^ ^ ^      asked for at these times
 *   { buffer: 1 }                a       B X |      B: b and c as one token
 *   { buffer: 1, drop-oldest }   a       X |        b and c are dropped, and told to onDrop
 *   { buffer: 1, error }         a       b #        BufferOverflowError, after what waits
 * ```
 *
 * Cold: each iteration is a subscription of its own, made at the first `next()`, so that a run is started by its first
 * iteration and shared by all. An Observable cannot be made to wait, so what is not taken yet waits in a buffer; see
 * {@link EventBufferConfig} for what happens when it is full. Joined tokens have the `seq` and `timestamp` of the last one.
 * A source that gives everything at once fills the buffer before the first value is taken.
 *
 * Leaving the loop, by `break`, `return` or `throw`, unsubscribes at once and drops what waits, also while a `next()` is
 * under way, which is then done. Calls of `next()` are answered in their order. The source's error rejects the `next()`
 * after those that wait were taken, once; then it is done. A rejection that nobody looks at is not reported as unhandled.
 *
 * ```ts
 * for await (const event of toAsyncIterable(run.from(0))) console.log(event.type); // task_start, step_start, …
 * ```
 *
 * @param config - Observables of anything but events need `{ whenFull: 'error' }`: only tokens can be joined or dropped.
 * @throws `ContractError` at the call where a setting makes no sense.
 */
export function toAsyncIterable<Data extends JsonRecord>(
  source: Observable<StreamEvent<Data>>,
  config?: EventBufferConfig,
): AsyncIterable<StreamEvent<Data>>;
export function toAsyncIterable<T>(source: Observable<T>, config: BufferConfig): AsyncIterable<T>;
export function toAsyncIterable<T>(source: Observable<T>, config?: EventBufferConfig): AsyncIterable<T> {
  const settings = bufferSettings(config);
  return { [Symbol.asyncIterator]: () => new BufferedIterator(source, settings) };
}
