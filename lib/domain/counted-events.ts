import type { StreamEvent } from './stream-event.js';

/**
 * The events of one run as they count. A run that was cut short and resumed goes on with the number of its `task_end`:
 * from there on, what stood in its log before is no part of it.
 *
 * ```text
 * as written   S s t E R t a …      E: task_end, cancelled; R: run_resumed, with the number of E
 * as counted   S s t   R t a …
 * ```
 */
export const countedEvents = <Event extends Pick<StreamEvent, 'type' | 'seq'>>(events: Iterable<Event>): Event[] => {
  const counted: Event[] = [];
  for (const event of events) {
    // A number that none can be is left for others to tell of.
    if (event.type === 'run_resumed' && event.seq in counted) counted.length = event.seq;
    counted.push(event);
  }
  return counted;
};
