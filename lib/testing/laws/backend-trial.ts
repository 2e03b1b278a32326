import {
  asyncScheduler,
  catchError,
  concat,
  concatMap,
  defer,
  delay,
  EMPTY,
  filter,
  from,
  ignoreElements,
  merge,
  take,
  tap,
  throwError,
  timer,
  toArray,
  type Observable,
} from 'rxjs';
import type { LLMChunk, LLMRequest } from '../../backend/backend.js';
import { fromOne } from '../../internal/from-input.js';
import { chunksOf } from './backend-answer.js';
import { hear } from './hear.js';
import { endOf, tellHeard, type Heard } from './heard.js';
import type { Demand } from './law.js';
import type { BackendLawsConfig, TestedBackend, TransportPlan } from './tested-backend.js';

/** A fresh backend on trial, asked but not subscribed. */
export interface BackendTrial {
  readonly tested: TestedBackend;
  /** What one subscription hears of a whole answer and for a moment after it. */
  readonly answer$: Observable<Heard<LLMChunk>>;
  /** What a subscription hears that leaves inside the first chunk, at that moment. */
  readonly left$: Observable<Heard<LLMChunk>>;
  /** As it is, a moment later. */
  readonly later: <T>(source: Observable<T>) => Observable<T>;
  /** Emits when this is so, or when it is not within the time that there is. */
  readonly waitFor: (isSo: () => boolean) => Observable<unknown>;
}

/** Puts a fresh backend on trial, and lets go of it before it hands on what the trial gave. */
export type Try = <R>(demand: Demand, plan: TransportPlan, use: (trial: BackendTrial) => Observable<R>) => Observable<R>;

/** How long is listened for what may not come, in milliseconds. */
const MOMENT = 20;

/** How often a transport is looked at, in milliseconds. */
const LOOK = 5;

const WITHIN = 1000;

const HELLO: LLMRequest = { messages: [{ role: 'user', content: 'Hello' }] };

/**
 * Makes what puts the backends of `make` on trial.
 *
 * @internal
 */
export function tryBackends(config: BackendLawsConfig): Try {
  const { request = HELLO, within = WITHIN, scheduler = asyncScheduler } = config;

  const onTrial = (tested: TestedBackend, demand: Demand): BackendTrial => {
    const chunk$ = tested.backend.stream(request);
    const hearing = { demand, within, scheduler };
    const demandWhole = (heard: Heard<LLMChunk>): void => {
      demand(endOf(heard)?.kind === 'C' && chunksOf(heard).length > 1, 'at least two chunks and then the end', tellHeard(heard));
    };
    return {
      tested,
      answer$: hear(chunk$, hearing).pipe(tap(demandWhole), delay(MOMENT, scheduler)),
      left$: hear(chunk$, { ...hearing, leaveAfter: 1 }).pipe(
        tap((heard) => {
          demand(heard[0]?.kind === 'N', 'a first chunk', tellHeard(heard));
        }),
      ),
      later: delay(MOMENT, scheduler),
      waitFor: (isSo) => merge(timer(0, LOOK, scheduler).pipe(filter(isSo)), timer(within, scheduler)).pipe(take(1)),
    };
  };

  return (demand, plan, use) =>
    defer(() => fromOne(config.make(plan))).pipe(
      take(1),
      concatMap((tested) => {
        const closing$ = defer(() => fromOne(tested.close?.())).pipe(ignoreElements());
        return defer(() => use(onTrial(tested, demand))).pipe(
          toArray(),
          // What the law says comes first, whatever the closing says.
          catchError((error: unknown) =>
            concat(
              closing$.pipe(catchError(() => EMPTY)),
              throwError(() => error),
            ),
          ),
          concatMap((given) => concat(closing$, from(given))),
        );
      }),
    );
}
