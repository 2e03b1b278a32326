import { asyncScheduler, concatMap, defer, delay, EMPTY, filter, merge, Observable, take, tap, timer } from 'rxjs';
import type { LLMChunk, LLMRequest } from '../../backend/backend.js';
import { fromOne } from '../../internal/from-input.js';
import { chunksOf } from './backend-answer.js';
import { hear } from './hear.js';
import { endOf, tellHeard, type Heard } from './heard.js';
import type { Demand } from './law.js';
import { thenLetGo } from './let-go.js';
import { mutableCopy } from './mutable-copy.js';
import { ProbeSubscriber } from './probe-subscriber.js';
import type { BackendLawsConfig, TestedBackend, TransportPlan } from './tested-backend.js';

/** What becomes of one call of `stream`, called and not subscribed. */
export interface AskedBackend {
  /** What one subscription hears of a whole answer and for a moment after it. */
  readonly answer$: Observable<Heard<LLMChunk>>;
  /** What a subscription hears that leaves inside the first chunk, at that moment. */
  readonly left$: Observable<Heard<LLMChunk>>;
  /** Subscribes and emits the subscriber at once; leaves when it is left. */
  readonly probe$: Observable<ProbeSubscriber<LLMChunk>>;
}

/** A fresh backend on trial, asked once. */
export interface BackendTrial extends AskedBackend {
  readonly tested: TestedBackend;
  /** The request as it was, and the copy that the backend was given. */
  readonly request: LLMRequest;
  readonly given: LLMRequest;
  /** Asks the other request beside the first, by another call of `stream`. */
  readonly askAgain: () => AskedBackend;
  /** As it is, a moment later. */
  readonly later: <T>(source: Observable<T>) => Observable<T>;
  /** Emits when this is so, or when it is not within the time that there is. */
  readonly waitFor: (isSo: () => boolean) => Observable<unknown>;
}

/** Which request is asked first. */
export type Asked = 'request' | 'otherRequest';

/** Puts a fresh backend on trial, and lets go of it before it hands on what the trial gave. */
export type Try = <R>(demand: Demand, plan: TransportPlan, use: (trial: BackendTrial) => Observable<R>, asked?: Asked) => Observable<R>;

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
  const { request = HELLO, otherRequest = request, within = WITHIN, scheduler = asyncScheduler } = config;

  const ask = ({ backend }: TestedBackend, given: LLMRequest, demand: Demand): AskedBackend => {
    const chunk$ = backend.stream(given);
    const hearing = { demand, within, scheduler };
    return {
      answer$: hear(chunk$, hearing).pipe(
        tap((heard) => {
          demand(endOf(heard)?.kind === 'C' && chunksOf(heard).length > 1, 'at least two chunks and then the end', tellHeard(heard));
        }),
        delay(MOMENT, scheduler),
      ),
      left$: hear(chunk$, { ...hearing, leaveAfter: 1 }).pipe(
        tap((heard) => {
          demand(heard[0]?.kind === 'N', 'a first chunk', tellHeard(heard));
        }),
      ),
      probe$: new Observable((subscriber) => {
        const probe = new ProbeSubscriber<LLMChunk>();
        subscriber.add(probe);
        chunk$.subscribe(probe);
        subscriber.next(probe);
      }),
    };
  };

  const onTrial = (tested: TestedBackend, asked: Asked, demand: Demand): BackendTrial => {
    const first = asked === 'request' ? request : otherRequest;
    const given = mutableCopy(first);
    return {
      ...ask(tested, given, demand),
      tested,
      request: first,
      given,
      askAgain: () => ask(tested, mutableCopy(otherRequest), demand),
      later: delay(MOMENT, scheduler),
      waitFor: (isSo) => merge(timer(0, LOOK, scheduler).pipe(filter(isSo)), timer(within, scheduler)).pipe(take(1)),
    };
  };

  return (demand, plan, use, asked = 'request') =>
    defer(() => fromOne(config.make(plan))).pipe(
      take(1),
      concatMap((tested) =>
        thenLetGo(
          defer(() => use(onTrial(tested, asked, demand))),
          () => tested.close?.() ?? EMPTY,
        ),
      ),
    );
}
