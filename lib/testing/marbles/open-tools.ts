import { foldRun } from '../../domain/run-state.js';
import type { StreamEvent } from '../../domain/stream-event.js';

/**
 * The tools that a run which has not ended was waiting for, and those that it gave up and that did not stop, and since
 * when: `look since 20 ms`.
 *
 * @internal
 */
export function openTools(events: readonly StreamEvent[]): readonly string[] {
  const { stopReason, calls } = foldRun(events);
  const isUnsettled = (callId: string): boolean =>
    events.some(({ type, data }) => type === 'tool_end' && data.callId === callId && data.settlement === 'unsettled') &&
    !events.some(({ type, data }) => type === 'tool_late_result' && data.callId === callId);
  const isWaitedFor = (callId: string): boolean => stopReason === null && calls.has(callId) && calls.get(callId)?.result === undefined;
  const isOpen = (callId: string): boolean => isWaitedFor(callId) || isUnsettled(callId);
  return events.flatMap((event) =>
    event.type === 'tool_start' && isOpen(event.data.callId) ? [`${event.data.name} since ${event.timestamp} ms`] : [],
  );
}
