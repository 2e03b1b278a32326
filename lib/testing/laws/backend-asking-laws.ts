import { concat, concatMap, defer, forkJoin, of, tap, toArray, type Observable } from 'rxjs';
import type { LLMChunk } from '../../backend/backend.js';
import { firstDifference } from '../marbles/difference.js';
import { showValue } from '../marbles/show-value.js';
import { chunksOf, contentOf } from './backend-answer.js';
import type { BackendTrial, Try } from './backend-trial.js';
import type { Heard } from './heard.js';
import type { AddLaw, Demand } from './law.js';

const demandRequests = (demand: Demand, { tested }: BackendTrial, count: number): void => {
  demand(tested.opened() === count, `opened() to be ${count}`, `${tested.opened()}`);
};

/**
 * When the transport of a backend is asked, and with what.
 *
 * @internal
 */
export function addAsking(law: AddLaw, attempt: Try): void {
  const onAnswers = (name: string, answers: (trial: BackendTrial) => Observable<unknown>, count: number): void => {
    law(name, (demand) =>
      attempt(demand, 'whole', (trial) =>
        answers(trial).pipe(
          tap(() => {
            demandRequests(demand, trial, count);
          }),
        ),
      ),
    );
  };

  onAnswers('asks nothing before it is subscribed', (trial) => trial.later(of(trial)), 0);
  onAnswers('makes one request of one subscription', ({ answer$ }) => answer$, 1);
  onAnswers('makes a request of each subscription', ({ answer$ }) => forkJoin([answer$, answer$]), 2);

  law('does not change the request that it is given', (demand) =>
    attempt(demand, 'whole', ({ answer$, request, given }) =>
      answer$.pipe(
        tap(() => {
          const difference = firstDifference(request, given);
          demand(difference === undefined, 'the request as it was', `${showValue(given)}, with a difference at ${difference}`);
        }),
      ),
    ),
  );
}

/** Each answer is what a subscription alone gets. */
const demandSame = (demand: Demand, alone: Heard<LLMChunk>, others: readonly Heard<LLMChunk>[]): void => {
  for (const other of others) {
    const difference = firstDifference(contentOf(chunksOf(alone)), contentOf(chunksOf(other)));
    demand(difference === undefined, 'the answer that a subscription alone gets', `another one: ${difference}`);
  }
};

/**
 * Whose answer it is.
 *
 * @internal
 */
export function addKeepingApart(law: AddLaw, attempt: Try): void {
  law('gives two subscriptions at once a whole answer each', (demand) =>
    attempt(demand, 'whole', ({ answer$ }) => answer$).pipe(
      concatMap((alone) =>
        attempt(demand, 'whole', ({ answer$ }) => forkJoin([answer$, answer$])).pipe(
          tap((both) => {
            demandSame(demand, alone, both);
          }),
        ),
      ),
    ),
  );

  law('gives a later subscription a whole answer again', (demand) =>
    attempt(demand, 'whole', ({ answer$ }) =>
      concat(answer$, answer$).pipe(
        toArray(),
        tap(([alone = [], ...others]) => {
          demandSame(demand, alone, others);
        }),
      ),
    ),
  );

  /** Two calls of `stream`, each held against its request asked alone. */
  const onCalls = (name: string, both: (trial: BackendTrial) => Observable<readonly [Heard<LLMChunk>, Heard<LLMChunk>]>): void => {
    law(name, (demand) => {
      const alone$ = concat(
        attempt(demand, 'whole', ({ answer$ }) => answer$),
        attempt(demand, 'whole', ({ answer$ }) => answer$, 'otherRequest'),
      ).pipe(toArray());
      const together$ = attempt(demand, 'whole', (trial) =>
        both(trial).pipe(
          tap(() => {
            demandRequests(demand, trial, 2);
          }),
        ),
      );
      return alone$.pipe(
        concatMap(([alone = [], otherAlone = []]) =>
          together$.pipe(
            tap(([one, other]) => {
              demandSame(demand, alone, [one]);
              demandSame(demand, otherAlone, [other]);
            }),
          ),
        ),
      );
    });
  };

  onCalls('answers each of two calls that are made before either is subscribed', ({ answer$, askAgain }) =>
    forkJoin([answer$, askAgain().answer$]),
  );

  onCalls('goes on with an answer when another call is made', ({ answer$, askAgain }) =>
    forkJoin([answer$, defer(() => askAgain().answer$)]),
  );
}
