import * as t from 'io-ts';
import {
  createOrchestrator,
  llmActor,
  openAIBackend,
  rulePurposeFunction,
  tool,
  toolEnvironment,
  type LLMBackend,
  type LLMChunk,
  type LLMRequest,
  type Orchestrator,
  type StreamEvent,
} from 'purpose-rx';
import { delay, filter, fromEvent, lastValueFrom, Observable, share, take, takeUntil, tap, type Subscriber } from 'rxjs';
import { decide, evaluate, scriptOf, type Count } from '../counting-agent.js';
import { once } from '../once.js';
import { RULES } from '../rules.js';
import type { Subject } from '../subject.js';

const request: LLMRequest = { messages: [{ role: 'user', content: 'Who is there?' }] };
const backendOf = once((baseURL: string): LLMBackend => openAIBackend({ model: 'bench', baseURL, apiKey: 'none' }));
const textOf = (chunk: LLMChunk): string => (chunk.type === 'text' ? chunk.text : '');

/** Waits for the end of a stream, whose values so many consumers take. */
const consume = async <T>(source: Observable<T>, consumers: number, onValue: (value: T) => void): Promise<void> => {
  const shared$ = consumers > 1 ? source.pipe(share()) : source;
  for (let others = 1; others < consumers; others += 1) shared$.subscribe(onValue);
  await lastValueFrom(shared$.pipe(tap(onValue)), { defaultValue: undefined });
};

const lookWith = (onLook: () => void) =>
  tool({
    name: 'look',
    description: 'Looks at a place.',
    params: t.strict({ at: t.string }),
    run: ({ at }) => {
      onLook();
      return `it is open at ${at}`;
    },
  });

const ignore = (): void => undefined;

const prompt = { system: RULES, user: '{{purpose}}', now: 'The state: {{state}}' };

const agentOf = (backend: LLMBackend, actions: 'json' | 'tools' = 'json', onLook = ignore): Orchestrator => {
  // The state holds what was seen last: with native calls, the messages hold the rest.
  const environment = toolEnvironment({
    tools: [lookWith(onLook)],
    reduce: (_state, [seen]) => ({ data: seen === undefined ? {} : { ...seen } }),
  });
  return createOrchestrator({
    actor:
      actions === 'json'
        ? llmActor({ backend, tools: environment.tools, historyLimit: 10 })
        : llmActor({ backend, tools: environment.tools, actions, prompt }),
    purposeFunction: rulePurposeFunction(() => 5),
    environment,
  });
};

const loopTools = async (baseURL: string, steps: number): Promise<number> => {
  const actions = baseURL.includes('/actions/') ? 'json' : 'tools';
  let looked = 0;
  let heard = 0;
  const agent = agentOf(backendOf(baseURL), actions, () => {
    looked += 1;
  });
  const run = agent.runTaskStream({ purpose: 'know who is there', maxSteps: steps + 1, earlyStopPhi: null });
  // As somebody who watches does.
  await consume(run, 1, (event) => {
    if (event.type === 'token') heard += event.data.token.length;
  });
  if (heard === 0) throw new Error('Nothing was heard of the steps.');
  return looked;
};

const fallsSilent = (chunk: LLMChunk): boolean => textOf(chunk) === '.';

/** The time at which somebody gave the answer up, `give` being told when it has been silent for a while. */
const giveUp = (
  baseURL: string,
  give: (silent$: Observable<LLMChunk>, answer$: Observable<LLMChunk>) => Promise<bigint>,
): Promise<bigint> => {
  const answer$ = backendOf(baseURL).stream(request).pipe(share());
  return give(answer$.pipe(filter(fallsSilent), delay(20), take(1)), answer$);
};

const takeSteps = async (steps: number, tokens: number): Promise<number> => {
  const script = scriptOf(tokens);
  let events = 0;
  createOrchestrator<Count>({
    actor: { decide: () => decide(script) },
    purposeFunction: { evaluate: () => evaluate(script) },
    environment: {
      reset: () => ({ data: { n: 0 } }),
      execute: (_action, { data }) => ({ data: { n: data.n + 1 } }),
      isTerminal: () => false,
    },
    createId: () => 'run-1',
  })
    .runTaskStream({ purpose: 'count', maxSteps: steps, earlyStopPhi: null })
    .subscribe(() => {
      events += 1;
    });
  return events;
};

/** Runs that think and never come to an end of it. */
const holdRuns: Subject['holdRuns'] = async (count) => {
  const thought = '{"thought":"I look around, and I wonder who may be there'.match(/.{1,4}/g) ?? [];
  const chunks = thought.map((text): LLMChunk => ({ type: 'text', text }));
  // It falls silent after them.
  const speak = (subscriber: Subscriber<LLMChunk>): void => {
    for (const chunk of chunks) subscriber.next(chunk);
  };
  const agent = agentOf({ stream: () => new Observable(speak) });
  let heard = 0;
  const onEvent = (event: StreamEvent): void => {
    if (event.type === 'token') heard += 1;
  };
  const runs = Array.from({ length: count }, () => agent.runTaskStream({ purpose: 'know who is there' }).subscribe(onEvent));
  return {
    waiting: () => (heard < count ? 0 : runs.filter(({ closed }) => !closed).length),
    letGo: () => {
      for (const run of runs) run.unsubscribe();
    },
  };
};

export const subject: Subject = {
  readText: async (baseURL, consumers) => {
    let heard = 0;
    await consume(backendOf(baseURL).stream(request), consumers, (chunk) => {
      heard += textOf(chunk).length;
    });
    return heard;
  },
  runAgent: async (baseURL, consumers) => {
    let heard = 0;
    const run = agentOf(backendOf(baseURL)).runTaskStream({ purpose: 'know who is there' });
    await consume(run, consumers, (event) => {
      if (event.type === 'token') heard += event.data.token.length;
    });
    return heard;
  },
  loopTools,
  readPaced: (baseURL, onText) =>
    consume(backendOf(baseURL).stream(request), 1, (chunk) => {
      if (chunk.type === 'text') onText(chunk.text);
    }),
  cancel: {
    unsubscribe: (baseURL) =>
      giveUp(baseURL, (silent$) => {
        return new Promise((resolve) => {
          const subscription = silent$.subscribe(() => {
            resolve(process.hrtime.bigint());
            subscription.unsubscribe();
          });
        });
      }),
    break: async (baseURL) => {
      let at = 0n;
      const last$ = backendOf(baseURL)
        .stream(request)
        .pipe(
          filter(fallsSilent),
          tap(() => {
            at = process.hrtime.bigint();
          }),
          take(1),
        );
      await lastValueFrom(last$);
      return at;
    },
    abort: (baseURL) =>
      giveUp(baseURL, async (silent$, answer$) => {
        const controller = new AbortController();
        let at = 0n;
        silent$.subscribe(() => {
          at = process.hrtime.bigint();
          controller.abort();
        });
        await lastValueFrom(answer$.pipe(takeUntil(fromEvent(controller.signal, 'abort'))), { defaultValue: undefined });
        return at;
      }),
  },
  takeSteps,
  holdRuns,
};
