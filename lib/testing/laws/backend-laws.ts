import { map, tap, type Observable } from 'rxjs';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { LLMChunk } from '../../backend/backend.js';
import { decode } from '../../domain/decode.js';
import { chunksOf, validChunks } from './backend-answer.js';
import { addAsking, addKeepingApart } from './backend-asking-laws.js';
import { addLeaving } from './backend-leaving-laws.js';
import { tryBackends, type Try } from './backend-trial.js';
import { afterEnd, tellHeard } from './heard.js';
import { lawsFor, type AddLaw, type Demand } from './law.js';
import { RecordedChunk } from '../cassettes/recorded-chunk.js';
import { showValue } from '../marbles/show-value.js';
import type { BackendLawsConfig } from './tested-backend.js';
import type { TestRunner } from './test-runner.js';

export type { BackendLawsConfig, TestedBackend, TransportPlan } from './tested-backend.js';

/**
 * Adds the cases that every backend has to satisfy: it asks nothing before it is subscribed, does not change the request,
 * makes a request a subscription and gives each its own whole answer, whether they are of one call or of two, closes its
 * transport for good and says no more when it is left, before the first chunk, too, ends once, and its chunks are well
 * formed and in order.
 *
 * ```text
 * whole   --a-b-(fu|)    what make('whole') is to answer: two chunks or more, and the end
 * held    --a---------   what make('held') is to answer: a chunk or more, and no end
 * ```
 *
 * Two things are not seen for sure: a transport that is left before the first chunk and closed only when that chunk comes
 * is found out only where it stays open for good, and one that connects anew only where it does so within 20 ms.
 *
 * It works for transports that answer at once and for real sockets: what takes time is looked at until it is so, at
 * most `within`. A law that is broken fails with an `ExpectationError` that says which one it is, what was expected and
 * what was seen; what RxJS hides from a subscriber, such as a second end, is seen, too, but for a completion that is
 * repeated before the first has returned: operators of RxJS do that themselves.
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
