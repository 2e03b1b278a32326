import { filter, type OperatorFunction } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import type { StreamEvent, StreamEventOf, StreamEventType } from '../domain/stream-event.js';

/**
 * Lets through the events of the given types, narrowed to them.
 *
 * ```text
 * source          -s-t-t-a-|
 * ofType('token') ---t-t---|
 * ```
 *
 * Keeps no state. Errors and completion pass through; unsubscribing unsubscribes from the source.
 *
 * ```ts
 * run.pipe(ofType('score', 'early_stop'));
 * ```
 *
 * @param types - The event types to let through. With none, nothing passes.
 */
export function ofType<Type extends StreamEventType, Data extends JsonRecord = JsonRecord>(
  ...types: readonly Type[]
): OperatorFunction<StreamEvent<Data>, StreamEventOf<Type, Data>> {
  const wanted = new Set<string>(types);
  return filter((event: StreamEvent<Data>): event is StreamEventOf<Type, Data> => wanted.has(event.type));
}
