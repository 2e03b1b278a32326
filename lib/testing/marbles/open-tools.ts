import { foldRun } from '../../domain/run-state.js';
import type { StreamEvent } from '../../domain/stream-event.js';

/**
 * The tools that a run which has not ended was waiting for, and since when: `look since 20 ms`.
 *
 * @internal
 */
export function openTools(events: readonly StreamEvent[]): readonly string[] {
  const { stopReason, calls } = foldRun(events);
  if (stopReason !== null) return [];
  const isOpen = (callId: string): boolean => calls.has(callId) && calls.get(callId)?.result === undefined;
  return events.flatMap((event) =>
    event.type === 'tool_start' && isOpen(event.data.callId) ? [`${event.data.name} since ${event.timestamp} ms`] : [],
  );
}
