/**
 * A process that makes run after run, some side by side, and measures itself in between: for `node --expose-gc`, with the
 * address of the server, the number of windows and the runs of each. It prints its windows as JSON.
 */
import { getEventListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import * as t from 'io-ts';
import { concat, defer, lastValueFrom, map, mergeMap, of, range, reduce, tap, timer, toArray } from 'rxjs';
import { llmActor } from '../../lib/actor/llm-actor.js';
import { openAIBackend } from '../../lib/backend/openai-backend.js';
import { withRetry } from '../../lib/backend/with-retry.js';
import { withTimeout } from '../../lib/backend/with-timeout.js';
import { foldLedger } from '../../lib/domain/ledger.js';
import { tool, toolProgress } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import { createOrchestrator } from '../../lib/orchestrator/orchestrator.js';
import { rulePurposeFunction } from '../../lib/purpose/rule-purpose-function.js';

/** What a process holds after some runs. */
export interface SoakWindow {
  readonly runs: number;
  /** Runs in it by how they ended. */
  readonly endings: Readonly<Record<string, number>>;
  /** Requests in it, by the ledger. */
  readonly requests: number;
  /** In bytes, after a collection. */
  readonly heap: number;
  /** Of all signals that are alive. */
  readonly abortListeners: number;
  readonly timers: number;
  readonly sockets: number;
  readonly serverSockets: number;
  readonly milliseconds: number;
}

const [, , origin = '', windows = '0', size = '0'] = process.argv;
const AT_A_TIME = 10;

const watched = new Set<WeakRef<EventTarget>>();
const known = new WeakSet<EventTarget>();
// oxlint-disable-next-line typescript/unbound-method -- it is given its target by apply
const addEventListener = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function watch(this: EventTarget, ...given: Parameters<typeof addEventListener>): void {
  if (given[0] === 'abort' && !known.has(this)) {
    known.add(this);
    watched.add(new WeakRef(this));
  }
  addEventListener.apply(this, given);
};

const abortListeners = (): number => {
  let count = 0;
  for (const reference of watched) {
    const target = reference.deref();
    if (target === undefined) watched.delete(reference);
    else count += getEventListeners(target, 'abort').length;
  }
  return count;
};

const openai = openAIBackend({ model: 'soak', baseURL: `${origin}/v1`, apiKey: 'none' });
const backend = withRetry({ attempts: 10, delay: 2 })(withTimeout({ connect: 5000, firstToken: 1000, idle: 1000, total: 5000 })(openai));

const listen = (): void => undefined;

const look = tool({
  name: 'look',
  params: t.strict({ at: t.string }),
  run: ({ at }, { signal }) => {
    signal.addEventListener('abort', listen);
    return concat(of(toolProgress('looking')), timer(1).pipe(map(() => ({ at, seen: true })))).pipe(
      tap({
        finalize: () => {
          signal.removeEventListener('abort', listen);
        },
      }),
    );
  },
});
const environment = toolEnvironment({ tools: [look] });
const orchestrator = createOrchestrator({
  actor: llmActor({ backend, tools: environment.tools }),
  purposeFunction: rulePurposeFunction(({ data }) => (data['observations'] === undefined ? 0 : 9.5)),
  environment,
  ledger: true,
  stepTimeout: 20_000,
  approve: { ask: () => timer(0).pipe(map(() => ({ decision: 'approve' as const }))), within: 5_000 },
});

const oneRun = defer(() =>
  orchestrator.runTaskStream({ purpose: 'look at the door', maxSteps: 1 }).pipe(
    toArray(),
    map((events) => {
      const end = events.at(-1);
      return { ending: end?.type === 'task_end' ? end.data.stopReason : 'none', requests: foldLedger(events).totals.requests };
    }),
  ),
);

interface Sum {
  readonly endings: Record<string, number>;
  requests: number;
}

const someRuns = (count: number) =>
  range(count).pipe(
    mergeMap(() => oneRun, AT_A_TIME),
    reduce(
      (sum: Sum, { ending, requests }) => {
        sum.endings[ending] = (sum.endings[ending] ?? 0) + 1;
        sum.requests += requests;
        return sum;
      },
      { endings: {}, requests: 0 },
    ),
  );

/** Sockets that were let go of take a moment to close. */
const SETTLED = 150;

const measure = async (number: number): Promise<SoakWindow> => {
  const begun = performance.now();
  const { endings, requests } = await lastValueFrom(someRuns(Number(size)));
  const milliseconds = Math.round(performance.now() - begun);
  await wait(SETTLED);
  const serverSockets = Number(await (await fetch(`${origin}/sockets`)).text());
  for (let times = 0; times < 3; times += 1) {
    globalThis.gc?.();
    await wait(5);
  }
  const resources = process.getActiveResourcesInfo();
  const counted = (kind: string): number => resources.filter((resource) => resource === kind).length;
  return {
    ...{ runs: number * Number(size), endings, requests, milliseconds, serverSockets },
    ...{
      heap: process.memoryUsage().heapUsed,
      abortListeners: abortListeners(),
      timers: counted('Timeout'),
      sockets: counted('TCPSocketWrap'),
    },
  };
};

const found: SoakWindow[] = [];
for (let number = 1; number <= Number(windows); number += 1) found.push(await measure(number));
console.log(JSON.stringify(found));
process.exit();
