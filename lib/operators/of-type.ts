import { filter, type OperatorFunction } from 'rxjs';
import type { Json, JsonRecord } from '../domain/json.js';
import type { EventEnvelope, StreamEvent, StreamEventOf, StreamEventType } from '../domain/stream-event.js';

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
 * Types that an environment reports of its own are named in the same way; their data is any JSON.
 *
 * ```ts
 * run.pipe(ofType('page_loaded'), map(({ data }) => data));
 * ```
 *
 * @param types - The event types to let through. With none, nothing passes.
 */
export function ofType<Type extends StreamEventType, Data extends JsonRecord = JsonRecord>(
  ...types: readonly Type[]
): OperatorFunction<StreamEvent<Data>, StreamEventOf<Type, Data>>;
export function ofType<Type extends string>(...types: readonly Type[]): OperatorFunction<StreamEvent, EventEnvelope<Type, Json>>;
export function ofType(...types: readonly string[]): OperatorFunction<StreamEvent, never> {
  const wanted = new Set(types);
  // What it narrows to is told by the overloads.
  return filter((event: StreamEvent): event is never => wanted.has(event.type));
}
