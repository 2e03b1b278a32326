import { concat, forkJoin, map, of, tap, toArray, concatMap, type Observable } from 'rxjs';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { LLMChunk } from '../../backend/backend.js';
import { decode } from '../../domain/decode.js';
import { chunksOf, contentOf, validChunks } from './backend-answer.js';
import { tryBackends, type BackendTrial, type Try } from './backend-trial.js';
import { firstDifference } from '../marbles/difference.js';
import { afterEnd, tellHeard, valuesOf, type Heard } from './heard.js';
import { lawsFor, type AddLaw, type Demand } from './law.js';
import { RecordedChunk } from '../cassettes/recorded-chunk.js';
import { showValue } from '../marbles/show-value.js';
import type { BackendLawsConfig } from './tested-backend.js';
import type { TestRunner } from './test-runner.js';

export type { BackendLawsConfig, TestedBackend, TransportPlan } from './tested-backend.js';

/**
 * Adds the cases that every backend has to satisfy: it asks nothing before it is subscribed, makes a request a
 * subscription and gives each its own whole answer, closes its transport and says no more when it is left, ends once,
 * and its chunks are well formed and in order.
 *
 * ```text
 * whole   --a-b-(fu|)    what make('whole') is to answer: two chunks or more, and the end
 * held    --a---------   what make('held') is to answer: a chunk or more, and no end
 * ```
 *
 * It works for transports that answer at once and for real sockets: what takes time is looked at until it is so, at
 * most `within`. A law that is broken fails with an `ExpectationError` that says which one it is, what was expected and
 * what was seen; what RxJS hides from a subscriber, such as a second end, is seen, too.
 *
 * ```ts
 * // mocha, jest, and vitest with globals: describe and it are there. Otherwise it is one of these:
 * // import { describe, it } from 'vitest';
 * // import { describe, it } from 'node:test';
 * describe('myBackend', () => {
 *   itObeysTheBackendLaws(
 *     { describe, it },
 *     {
 *       make: (plan) => {
 *         const server = startServer(plan === 'held' ? ['Hel', 'stall'] : ['Hel', 'lo', 'end']);
 *         return {
 *           backend: myBackend(server.url),
 *           opened: () => server.requests,
 *           open: () => server.connections,
 *           close: () => server.stop(),
 *         };
 *       },
 *     },
 *   );
 * });
 * ```
 *
 * @param runner - The `describe` and `it` of the test runner.
 */
export function itObeysTheBackendLaws(runner: TestRunner, config: BackendLawsConfig): void {
  runner.describe('backend laws', () => {
    const law = lawsFor(runner, 'backend');
    const attempt = tryBackends(config);
    addAsking(law, attempt);
    addKeepingApart(law, attempt);
    addLeaving(law, attempt);
    addEnding(law, attempt);
    addChunks(law, attempt);
  });
}

const demandRequests = (demand: Demand, { tested }: BackendTrial, count: number): void => {
  demand(tested.opened() === count, `opened() to be ${count}`, `${tested.opened()}`);
};

/** When the transport is asked. */
function addAsking(law: AddLaw, attempt: Try): void {
  law('asks nothing before it is subscribed', (demand) =>
    attempt(demand, 'whole', (trial) =>
      trial.later(of(trial)).pipe(
        tap(() => {
          demandRequests(demand, trial, 0);
        }),
      ),
    ),
  );

  law('makes one request of one subscription', (demand) =>
    attempt(demand, 'whole', (trial) =>
      trial.answer$.pipe(
        tap(() => {
          demandRequests(demand, trial, 1);
        }),
      ),
    ),
  );

  law('makes a request of each subscription', (demand) =>
    attempt(demand, 'whole', (trial) =>
      forkJoin([trial.answer$, trial.answer$]).pipe(
        tap(() => {
          demandRequests(demand, trial, 2);
        }),
      ),
    ),
  );
}

const demandSame = (demand: Demand, answers: readonly Heard<LLMChunk>[]): void => {
  const [alone, ...others] = answers.map((heard) => contentOf(chunksOf(heard)));
  for (const other of others) {
    const difference = firstDifference(alone, other);
    demand(difference === undefined, 'the answer that a subscription alone gets', `another one: ${difference}`);
  }
};

/** Whose answer it is. */
function addKeepingApart(law: AddLaw, attempt: Try): void {
  law('gives two subscriptions at once a whole answer each', (demand) =>
    attempt(demand, 'whole', ({ answer$ }) => answer$).pipe(
      concatMap((alone) =>
        attempt(demand, 'whole', ({ answer$ }) => forkJoin([answer$, answer$])).pipe(
          tap((both) => {
            demandSame(demand, [alone, ...both]);
          }),
        ),
      ),
    ),
  );

  law('gives a later subscription a whole answer again', (demand) =>
    attempt(demand, 'whole', ({ answer$ }) =>
      concat(answer$, answer$).pipe(
        toArray(),
        tap((both) => {
          demandSame(demand, both);
        }),
      ),
    ),
  );
}

/** What comes of it when it is left. */
function addLeaving(law: AddLaw, attempt: Try): void {
  law('closes its transport when it is left after the first chunk', (demand) =>
    attempt(demand, 'held', ({ tested, left$, waitFor }) =>
      left$.pipe(
        concatMap(() => waitFor(() => tested.open() === 0)),
        tap(() => {
          demand(tested.open() === 0, 'open() to become 0', `${tested.open()}`);
        }),
      ),
    ),
  );

  law('stops a burst when it is left', (demand) =>
    attempt(demand, 'whole', ({ left$, later }) =>
      later(left$).pipe(
        tap((heard) => {
          demand(valuesOf(heard).length === 1, 'no chunk after the one at which its subscriber left', tellHeard(heard));
        }),
      ),
    ),
  );
}

/** What comes when nothing may come. */
function addEnding(law: AddLaw, attempt: Try): void {
  const demandSilence = (name: string, isMeant: (kind: string) => boolean, expected: string): void => {
    law(name, (demand) =>
      attempt(demand, 'whole', ({ answer$ }) =>
        answer$.pipe(
          map((heard) => afterEnd(heard).filter(({ kind }) => isMeant(kind))),
          tap((late) => {
            demand(late.length === 0, expected, tellHeard(late));
          }),
        ),
      ),
    );
  };

  demandSilence('ends once', (kind) => kind !== 'N', 'no second end');
  demandSilence('says nothing after its end', (kind) => kind === 'N', 'no chunk after the end');
}

/** Of what the answer is made. */
function addChunks(law: AddLaw, attempt: Try): void {
  const onChunks = (name: string, look: (chunks: readonly LLMChunk[], demand: Demand) => void): void => {
    law(name, (demand) =>
      attempt(demand, 'whole', ({ answer$ }): Observable<unknown> =>
        answer$.pipe(
          tap((heard) => {
            look(chunksOf(heard), demand);
          }),
        ),
      ),
    );
  };

  onChunks('reports its usage at most once', (chunks, demand) => {
    const usages = chunks.filter(({ type }) => type === 'usage');
    demand(usages.length < 2, 'at most one usage', showValue(usages));
  });

  onChunks('lets nothing but the usage follow its finish', (chunks, demand) => {
    const valid = validChunks(chunks);
    const finish = valid.findIndex(({ type }) => type === 'finish');
    const others = finish < 0 ? [] : valid.slice(finish + 1).filter(({ type }) => type !== 'usage');
    demand(others.length === 0, 'nothing but the usage after the finish', showValue(others));
  });

  onChunks('gives chunks that are well formed', (chunks, demand) => {
    for (const chunk of chunks) {
      const decoded = decode(RecordedChunk, chunk);
      if (isLeft(decoded)) demand(false, 'chunks of a kind that there is', `${showValue(chunk)}: ${decoded.left.join('; ')}`);
    }
  });
}
