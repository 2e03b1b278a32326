import { timer, type Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { AgentTestScheduler } from '../marbles/agent-test-scheduler.js';
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
  (body: (helpers: RunHelpers, scheduler: AgentTestScheduler) => void): LawBody =>
  (demand) => {
    const compare = (actual: unknown, expected: unknown): void => {
      const isSame = firstDifference(expected, actual) === undefined;
      demand(isSame, tellTimeline(expected as Timeline), tellTimeline(actual as Timeline));
    };
    const scheduler = new AgentTestScheduler(compare, () => undefined);
    scheduler.run((helpers) => {
      scheduler.maxFrames = LONGEST;
      body(helpers, scheduler);
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
    probe.add(() => {
      timer(0).subscribe(() => {
        probe.endTurn();
      });
    });
  })(demand);
  return probe.heard;
};
