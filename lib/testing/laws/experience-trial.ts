import * as t from 'io-ts';
import {
  asyncScheduler,
  concatMap,
  defer,
  EMPTY,
  ignoreElements,
  take,
  tap,
  throwIfEmpty,
  timeout,
  type MonoTypeOperatorFunction,
  type Observable,
  type ObservableInput,
  type SchedulerLike,
} from 'rxjs';
import { isLeft } from 'fp-ts/lib/Either.js';
import { decode } from '../../domain/decode.js';
import { Trajectory } from '../../domain/trajectory.js';
import type { Experience, RecallQuery } from '../../experience/experience.js';
import { fromMany, fromOne } from '../../internal/from-input.js';
import { AgentTestScheduler } from '../marbles/agent-test-scheduler.js';
import type { Demand } from './law.js';
import { thenLetGo } from './let-go.js';
import { ProbeSubscriber } from './probe-subscriber.js';

/** What `itObeysTheExperienceLaws` is given. */
export interface ExperienceLawsConfig {
  /** Makes an experience, now or later: fresh, empty, and sharing nothing with another one. */
  make(): Experience | ObservableInput<Experience>;
  /** Lets go of an experience that was made for a law; called after it, whether it was kept or not. */
  close?(experience: Experience): void | ObservableInput<unknown>;
  /** The longest wait for a recall and for a recording, in milliseconds. Defaults to 1000. */
  readonly within?: number;
  /** What time is told by. Defaults to `asyncScheduler`. */
  readonly scheduler?: SchedulerLike;
}

/** A fresh experience on trial. */
export interface ExperienceTrial {
  /** Completes when the trajectory is recorded. */
  readonly record: (trajectory: Trajectory) => Observable<never>;
  /** Emits what is recalled, as it was given. */
  readonly recall: (purpose: string) => Observable<readonly Trajectory[]>;
  /** Asks and leaves at once, in virtual time, and gives the times at which timers of RxJS are due all the same. */
  readonly timersLeft: (purpose: string) => readonly number[];
  /** Asks and leaves at once. Completes. */
  readonly leaveRecall: (purpose: string) => Observable<never>;
}

/** Puts a fresh experience on trial, and lets go of it before it hands on what the trial gave. */
export type TryExperience = <R>(demand: Demand, use: (trial: ExperienceTrial) => Observable<R>) => Observable<R>;

const WITHIN = 1000;

const Trajectories = t.readonlyArray(Trajectory);

const queryOf = (purpose: string): RecallQuery => ({ purpose, state: { data: {} }, step: 1 });

const recallAndLeave = (experience: Experience, purpose: string): void => {
  const probe = new ProbeSubscriber<unknown>();
  fromOne(experience.recall(queryOf(purpose))).subscribe(probe);
  probe.unsubscribe();
};

/** What is wrong with what was recalled, where it is no list of trajectories. */
const faultOf = (recalled: unknown): string | undefined => {
  const decoded = decode(Trajectories, recalled);
  return isLeft(decoded) ? decoded.left.join('; ') : undefined;
};

/**
 * Makes what puts the experiences of `make` on trial.
 *
 * @internal
 */
export function tryExperiences(config: ExperienceLawsConfig): TryExperience {
  const { within = WITHIN, scheduler = asyncScheduler } = config;

  const inTime = <T>(demand: Demand, what: string): MonoTypeOperatorFunction<T> =>
    timeout({
      first: within,
      scheduler,
      with: () => {
        demand(false, `${what} within ${within} ms`, 'none');
        return EMPTY;
      },
    });

  const onTrial = (experience: Experience, demand: Demand): ExperienceTrial => ({
    record: (trajectory) =>
      defer(() => fromMany<unknown>(experience.record(trajectory) ?? [])).pipe(ignoreElements(), inTime(demand, 'the end of a recording')),
    recall: (purpose) =>
      defer(() => fromOne(experience.recall(queryOf(purpose)))).pipe(
        take(1),
        throwIfEmpty(() => new Error('The recall ended without a list.')),
        inTime(demand, 'a list'),
        tap((recalled) => {
          const fault = faultOf(recalled);
          demand(fault === undefined, 'a list of trajectories', fault ?? '');
        }),
      ),
    timersLeft: (purpose) => {
      const clock = new AgentTestScheduler(
        () => undefined,
        () => undefined,
      );
      return clock.run(() => {
        clock.maxFrames = 0;
        recallAndLeave(experience, purpose);
        return clock.pending;
      });
    },
    leaveRecall: (purpose) =>
      defer(() => {
        recallAndLeave(experience, purpose);
        return EMPTY;
      }),
  });

  return (demand, use) =>
    defer(() => fromOne(config.make())).pipe(
      take(1),
      concatMap((experience) =>
        thenLetGo(
          defer(() => use(onTrial(experience, demand))),
          () => config.close?.(experience) ?? EMPTY,
        ),
      ),
    );
}
