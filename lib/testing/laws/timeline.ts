import type { ObservableNotification } from 'rxjs';
import { tellHeard } from './heard.js';

/** What `TestScheduler` compares: the moments of a stream, or of the subscriptions to a source. */
export type Timeline = readonly (
  | { readonly frame: number; readonly notification: ObservableNotification<unknown> }
  | { readonly subscribedFrame: number; readonly unsubscribedFrame: number }
)[];

const tellMoment = (moment: Timeline[number]): string => {
  if ('notification' in moment) return `${tellHeard([moment.notification])} at ${moment.frame} ms`;
  const { subscribedFrame, unsubscribedFrame } = moment;
  const left = Number.isFinite(unsubscribedFrame) ? `left at ${unsubscribedFrame} ms` : 'never left';
  return `the source subscribed at ${subscribedFrame} ms and ${left}`;
};

/**
 * A timeline as text for a message: `the value "a" at 1 ms, the end at 3 ms`.
 *
 * @internal
 */
export const tellTimeline = (timeline: Timeline): string => (timeline.length === 0 ? 'nothing' : timeline.map(tellMoment).join(', '));
