import { concat, concatMap, from, ignoreElements, map, materialize, Subject, take, timer, type Observable } from 'rxjs';
import type { AgentTestScheduler } from '../marbles/agent-test-scheduler.js';
import type { Demand } from './law.js';
import type { Timeline } from './timeline.js';
import { inVirtualTime } from './virtual-law.js';

/** Virtual milliseconds from one sample to the next, and from the last one to the end. */
const PACE = 2;

/** The samples in time, one after the other, and then the end: `--a-b-c-|`. Cold. */
export const paced = <T>(samples: readonly T[]): Observable<T> =>
  concat(from(samples).pipe(concatMap((sample) => timer(PACE).pipe(map(() => sample)))), timer(PACE).pipe(ignoreElements()));

/** As `paced`, but hot: it begins now, whoever is there. */
export const pacedFromNow = <T>(samples: readonly T[]): Observable<T> => {
  const source = new Subject<T>();
  paced(samples).subscribe(source);
  return source;
};

/** How long `paced` takes, and a while more. */
export const spanOf = (samples: readonly unknown[]): number => (samples.length + 3) * PACE;

/** Subscribes, and keeps what is heard with the time since then. */
export type Listen = <T>(source: Observable<T>, leaveAfter?: number) => Timeline;

const listenBy =
  (scheduler: AgentTestScheduler): Listen =>
  (source, leaveAfter = Infinity) => {
    const start = scheduler.now();
    const moments: Timeline[number][] = [];
    source.pipe(materialize(), take(leaveAfter)).subscribe((notification) => {
      moments.push({ frame: scheduler.now() - start, notification });
    });
    return moments;
  };

/**
 * What is heard by some subscriptions, when virtual time is over.
 *
 * @internal
 */
export const momentsOf = (demand: Demand, act: (listen: Listen) => readonly Timeline[]): readonly Timeline[] => {
  const heard: Timeline[] = [];
  inVirtualTime((_helpers, scheduler) => {
    heard.push(...act(listenBy(scheduler)));
  })(demand);
  return heard;
};
