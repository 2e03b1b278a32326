import type { Observable } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import type { StreamEvent } from '../domain/stream-event.js';
import { bufferSettings, type BufferConfig, type EventBufferConfig } from './buffer-config.js';
import { BufferedIterator } from './buffered-iterator.js';

/**
 * A run, or any Observable, as a web stream: who reads slowly holds up nobody else, and what waits is bounded.
 *
 * ```text
 * source                        -a-b-c-X-|          a, b, c: tokens of one text, X: another event
 * read()                        ^        ^ ^ ^      asked for at these times
 * toReadableStream, buffer: 1    a       B X |      B: b and c as one token
 * ```
 *
 * The source is subscribed at the first read and not before: the stream itself holds nothing ahead. What is not read yet
 * waits in the buffer of {@link toAsyncIterable}, under the same settings. The source's error is the stream's, after what
 * waits was read.
 *
 * `cancel()`, of the stream or of its reader, leaving a `for await` over it, and whatever cancels it down a pipe
 * unsubscribe at once and drop what waits, also while a read is under way. `releaseLock()` alone is no leaving: another
 * reader may go on with the same stream.
 *
 * ```ts
 * const reader = toReadableStream(run.from(0)).getReader();
 * console.log((await reader.read()).value?.type); // task_start
 * await reader.cancel();
 * ```
 *
 * @param config - Observables of anything but events need `{ whenFull: 'error' }`: only tokens can be joined or dropped.
 * @throws `ContractError` at the call where a setting makes no sense.
 */
export function toReadableStream<Data extends JsonRecord>(
  source: Observable<StreamEvent<Data>>,
  config?: EventBufferConfig,
): ReadableStream<StreamEvent<Data>>;
export function toReadableStream<T>(source: Observable<T>, config: BufferConfig): ReadableStream<T>;
export function toReadableStream<T>(source: Observable<T>, config?: EventBufferConfig): ReadableStream<T> {
  const iterator = new BufferedIterator(source, bufferSettings(config));
  let isCancelled = false;

  return new ReadableStream<T>(
    {
      pull: (controller) =>
        iterator.next().then((result) => {
          // A stream that was cancelled while it was read has been closed already.
          if (isCancelled) return;
          if (result.done === true) controller.close();
          else controller.enqueue(result.value);
        }),
      cancel: () => {
        isCancelled = true;
        return iterator.return().then(() => undefined);
      },
    },
    // Nothing is pulled before somebody reads.
    { highWaterMark: 0 },
  );
}
