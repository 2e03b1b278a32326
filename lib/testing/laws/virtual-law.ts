import type { Observable } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { firstDifference } from '../marbles/difference.js';
import type { Heard } from './heard.js';
import type { Demand, LawBody } from './law.js';
import { ProbeSubscriber } from './probe-subscriber.js';
import { tellTimeline, type Timeline } from './timeline.js';

/** Virtual milliseconds after which a law is over, whatever a timer that was never stopped still wants to do. */
const LONGEST = 10_000;

/**
 * A law in virtual time, one character of its marbles a millisecond.
 *
 * @internal
 */
export const inVirtualTime =
  (body: (helpers: RunHelpers) => void): LawBody =>
  (demand) => {
    const scheduler = new TestScheduler((actual: Timeline, expected: Timeline) => {
      demand(firstDifference(expected, actual) === undefined, tellTimeline(expected), tellTimeline(actual));
    });
    scheduler.run((helpers) => {
      scheduler.maxFrames = LONGEST;
      body(helpers);
    });
    return undefined;
  };

/**
 * Everything that is said in virtual time, what RxJS hides included.
 *
 * @internal
 */
export const hearInVirtualTime = <T>(demand: Demand, make: (helpers: RunHelpers) => Observable<T>, leaveAfter?: number): Heard<T> => {
  const probe = new ProbeSubscriber<T>(leaveAfter);
  inVirtualTime((helpers) => {
    make(helpers).subscribe(probe);
  })(demand);
  return probe.heard;
};
