import { expect } from 'chai';
import * as fc from 'fast-check';
import { concat, from, NEVER, Observable, of, toArray, VirtualTimeScheduler, type Subscription, Subject, throwError } from 'rxjs';
import type { Actor } from '../../lib/actor/actor.js';
import { llmActor } from '../../lib/actor/llm-actor.js';
import type { LLMBackend, LLMChunk } from '../../lib/backend/backend.js';
import { generate } from '../../lib/backend/generate.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import { withHedge } from '../../lib/backend/with-hedge.js';
import { withRetry } from '../../lib/backend/with-retry.js';
import { foldLedger } from '../../lib/domain/ledger.js';
import { meterOf } from '../../lib/domain/meter.js';
import { decided } from '../../lib/domain/signal.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { tool } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { ServerError } from '../../lib/errors/server-error.js';
import { llmPurposeFunction } from '../../lib/purpose/llm-purpose-function.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { askingActor, askingJudge, billOf, requestOf } from '../support/metered-ports.js';
import { orchestrate } from '../support/orchestrate.js';

const texts = { a: 'aaaa', b: 'bbbb', c: 'cccc' };
const usage = (inputTokens: number, outputTokens: number): LLMChunk => ({ type: 'usage', usage: { inputTokens, outputTokens } });
const task = { purpose: 'go on' };

/** All events of a run that ends at once, its error aside. */
const eventsOf = (config: Parameters<typeof orchestrate>[0], given: object = {}): StreamEvent[] => {
  const events: StreamEvent[] = [];
  const orchestrator = orchestrate(config);
  orchestrator.events$.subscribe((event) => events.push(event));
  orchestrator.runTaskStream({ ...task, ...given }).subscribe({ error: () => undefined });
  return events;
};

const answer = (): Observable<LLMChunk> =>
  from<LLMChunk[]>([{ type: 'text', text: 'aaaaaaaa' }, usage(5, 3), { type: 'finish', reason: 'stop' }]);

/** Asks a model in each of its ports. */
const makeBusy = () => {
  const look = tool({ name: 'look', run: (_params, { meter }) => generate({ stream: answer }, requestOf(2, meter)) });
  return orchestrate({
    actor: askingActor({ stream: answer }, (step) => (step < 2 ? 'look' : 'DONE')),
    purposeFunction: askingJudge({ stream: answer }),
    environment: toolEnvironment({ tools: [look] }),
    ledger: true,
  });
};

const child = (backend: LLMBackend) => orchestrate({ actor: askingActor(backend), createId: () => 'child' });
const parentOf = (inner: ReturnType<typeof orchestrate>) =>
  orchestrate({
    actor: askingActor(scriptedBackend(['aaaa', 'aaaa']), (step) => (step === 1 ? 'delegate' : 'DONE')),
    environment: toolEnvironment({
      tools: [
        tool({
          name: 'delegate',
          run: (_params, { meter }) => inner.runTask({ purpose: 'help', ...meterOf({ meter }) }),
        }),
      ],
    }),
    ledger: true,
  });

describe('the ledger of a run', () => {
  it('tells of a request when it ends, by what was reported or by what was heard', () =>
    agentMarbles(({ run, backend, expectRun }) => {
      const values = { ...texts, u: usage(7, 9) };
      const actor = askingActor(backend(['-----a-(b|)', '-------------(au|)'], values), (step) => (step === 1 ? 'look' : 'DONE'));
      const estimated = { inputTokens: 2, outputTokens: 2, basis: 'estimated' };
      const reported = { inputTokens: 7, outputTokens: 9, basis: 'reported' };
      expectRun(run({ actor, ledger: true })).toBe('(Ss)-t-(tqaves)-----(turadE|)', {
        q: { type: 'request_end', step: 1, data: estimated },
        r: { type: 'request_end', step: 2, data: reported },
      });
    }));

  it('has an entry for each ending', () => {
    const stays: LLMBackend = { stream: () => concat(of<LLMChunk>({ type: 'text', text: 'aaaa' }), NEVER) };
    const breaks = scriptedBackend([[{ type: 'text', text: 'aaaaa' }], new ServerError('no')]);
    const finished = eventsOf({ actor: askingActor(breaks, (step) => (step === 1 ? 'look' : 'DONE')), ledger: true });
    expect(billOf(finished)).to.deep.equal(['actor 1: 2/2 estimated finished', 'actor 2: 0/0 estimated failed']);
    expect(finished.slice(-2).map(({ type }) => type)).to.deep.equal(['request_end', 'task_end']);

    const orchestrator = orchestrate({ actor: askingActor(stays), ledger: true });
    const events: StreamEvent[] = [];
    orchestrator.events$.subscribe((event) => events.push(event));
    orchestrator.runTaskStream(task).subscribe().unsubscribe();
    expect(billOf(events)).to.deep.equal(['actor 1: 2/1 estimated cancelled']);
    expect(events.at(-1)?.type).to.equal('task_end');
  });

  it('tells nothing and hands out no meter unless it is on', () => {
    let seen: unknown = 'nothing';
    const actor: Actor = {
      decide: ({ meter }) => {
        seen = meter;
        return decided({ name: 'DONE' });
      },
    };
    expect(billOf(eventsOf({ actor }))).to.deep.equal([]);
    expect(seen).to.equal(undefined);
    eventsOf({ actor, ledger: true });
    expect(seen).to.be.a('function');
  });

  it('counts what the model-driven ports ask, repairs included', () => {
    const [act, json] = [
      '{"thought":"","name":"look","params":{},"expectedDelta":""}',
      '{"evidence":"e","phiBefore":0,"phiAfter":9,"confidence":1}',
    ];
    const actor = llmActor({ backend: scriptedBackend(['no', act]) });
    const purposeFunction = llmPurposeFunction({ backend: scriptedBackend([json]) });
    const events = eventsOf({ actor, purposeFunction, ledger: true });
    const { entries, bySource } = foldLedger(events);
    expect(entries.map(({ source, request, outcome }) => `${source} ${request} ${outcome}`)).to.deep.equal([
      'actor 1 finished',
      'actor 2 finished',
      'purpose 3 finished',
    ]);
    expect(bySource['purpose']?.outputTokens).to.equal(Math.ceil(json.length / 4));
    const tools = llmActor({ actions: 'tools', backend: scriptedBackend(['I am done']) });
    expect(billOf(eventsOf({ actor: tools, ledger: true }))).to.have.length(1);
  });

  it('counts each request of a retry', () => {
    const scheduler = new VirtualTimeScheduler();
    const inner = scriptedBackend([new ServerError('no'), ['aaaa']]);
    const actor = askingActor(withRetry({ scheduler, random: () => 1 })(inner));
    const orchestrator = orchestrate({ actor, ledger: true, scheduler });
    let bill: string[] = [];
    orchestrator
      .runTaskStream(task)
      .pipe(toArray())
      .subscribe((events) => (bill = billOf(events)));
    scheduler.flush();
    expect(bill).to.deep.equal(['actor 1: 0/0 estimated failed', 'actor 2: 2/1 estimated finished']);
  });

  it('counts both requests of a hedge', () =>
    agentMarbles(({ run, backend, expectEvents, scheduler, flush }) => {
      const inner = backend(['----------------a', '--(b|)'], texts);
      const actor = askingActor(withHedge({ after: 5, scheduler })(inner));
      const told = run({ actor, ledger: true });
      const events: StreamEvent[] = [];
      told.subscribe((event) => events.push(event));
      expectEvents(told, 'task_end').toBe('-------(E|)');
      flush();
      expect(billOf(events)).to.have.members(['actor 1: 2/0 estimated cancelled', 'actor 2: 2/1 estimated finished']);
    }));

  it('takes the usage that a port reports by itself for an entry, and only then', () => {
    const actor: Actor = {
      decide: () => of({ type: 'usage' as const, usage: { inputTokens: 3, outputTokens: 4 } }, decided({ name: 'DONE' })),
    };
    expect(billOf(eventsOf({ actor, ledger: true }))).to.deep.equal(['actor 1: 3/4 reported finished']);
    const metered = eventsOf({ actor: askingActor(scriptedBackend([[usage(3, 4)]])), ledger: true });
    expect(billOf(metered)).to.deep.equal(['actor 1: 3/4 reported finished']);
    expect(metered.filter(({ type }) => type === 'usage')).to.have.length(1);
  });

  it('tells of what is in flight before the end, wherever the run is left, cancelled or fails', () => {
    const whole: StreamEvent[] = [];
    makeBusy()
      .runTaskStream(task)
      .subscribe((event) => whole.push(event));
    expect(billOf(whole).map((line) => line.split(':')[0])).to.deep.equal(['actor 1', 'environment 2', 'purpose 3', 'actor 4']);
    for (let leaveAt = 0; leaveAt < whole.length - 1; leaveAt += 1) {
      for (const how of ['leave', 'cancel'] as const) {
        const orchestrator = makeBusy();
        const events: StreamEvent[] = [];
        orchestrator.events$.subscribe((event) => events.push(event));
        const run = orchestrator.runTaskStream(task);
        let subscription: Subscription | undefined;
        const leaving = new Observable<StreamEvent>((subscriber) => {
          subscription = subscriber;
          subscriber.add(run.subscribe(subscriber));
        });
        leaving.subscribe(({ seq }) => {
          if (seq !== leaveAt) return;
          if (how === 'leave') subscription?.unsubscribe();
          else run.cancel();
        });
        const opened = Math.max(0, ...foldLedger(events).entries.map(({ request }) => request));
        expect(foldLedger(events).entries, `${how} at ${leaveAt}`).to.have.length(opened);
        expect(events.at(-1)?.type, `${how} at ${leaveAt}`).to.equal('task_end');
      }
    }
  });

  const ends: Readonly<Record<string, () => ReturnType<Actor['decide']>>> = {
    'is left': () => NEVER,
    'is done': () => decided({ name: 'DONE' }),
    fails: () => throwError(() => new ServerError('no')),
  };
  for (const [how, decide] of Object.entries(ends)) {
    it(`tells of a request that a port did not let go of, where the run ${how}`, () => {
      const leaked = new Subject<LLMChunk>();
      const refused: unknown[] = [];
      const actor: Actor = {
        decide: ({ meter }) => {
          generate({ stream: () => leaked }, requestOf(2, meter)).subscribe({ error: (error: unknown) => refused.push(error) });
          leaked.next({ type: 'text', text: 'aaaa' });
          return decide();
        },
      };
      const orchestrator = orchestrate({ actor, ledger: true });
      const events: StreamEvent[] = [];
      orchestrator.events$.subscribe((event) => events.push(event));
      orchestrator
        .runTaskStream(task)
        .subscribe({ error: () => undefined })
        .unsubscribe();
      leaked.next({ type: 'text', text: 'bbbb' });
      expect(leaked.observed).to.equal(false);
      expect(refused).to.have.length(1);
      expect(refused[0]).to.be.an.instanceOf(ContractError);
      expect(billOf(events)).to.deep.equal(['actor 1: 2/1 estimated cancelled']);
      expect(events.at(-1)?.type).to.equal('task_end');
    });
  }

  it('adds up to what was served, however requests interleave and end', () => {
    const request = fc.record({
      pieces: fc.array(fc.nat(12), { maxLength: 6 }),
      reported: fc.option(fc.nat(50), { nil: undefined }),
      ending: fc.constantFrom('finish', 'fail', 'stay'),
      every: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 6 }), fc.nat(40), (requests, leaveAt) => {
        const scheduler = new VirtualTimeScheduler();
        const served = { input: 0, output: 0 };
        const serve = (index: number): LLMBackend => ({
          stream: () =>
            new Observable((subscriber) => {
              const { pieces, reported, ending, every } = requests[index] ?? {
                pieces: [],
                reported: undefined,
                ending: 'finish',
                every: 1,
              };
              let [characters, inputTokens, outputTokens, heard, failed] = [0, 2, 0, false, false];
              subscriber.add(() => {
                const isFree = failed && !heard;
                served.input += isFree ? 0 : inputTokens;
                served.output += outputTokens;
              });
              pieces.forEach((length, at) => {
                subscriber.add(
                  scheduler.schedule(() => {
                    heard = true;
                    characters += length;
                    outputTokens = Math.ceil(characters / 4);
                    subscriber.next({ type: 'text', text: 'x'.repeat(length) });
                  }, at * every),
                );
              });
              subscriber.add(
                scheduler.schedule(() => {
                  if (reported !== undefined) {
                    heard = true;
                    [inputTokens, outputTokens] = [reported, reported];
                    subscriber.next(usage(reported, reported));
                  }
                  if (ending === 'fail') {
                    failed = true;
                    subscriber.error(new ServerError('no'));
                  } else if (ending === 'finish') subscriber.complete();
                }, pieces.length * every),
              );
            }),
        });
        const asking: Actor = {
          decide: ({ meter }) =>
            new Observable((subscriber) => {
              requests.forEach((_request, index) => {
                subscriber.add(generate(serve(index), requestOf(2, meter)).subscribe({ error: () => undefined }));
              });
            }),
        };
        const orchestrator = orchestrate({ actor: asking, ledger: true, scheduler });
        const events: StreamEvent[] = [];
        orchestrator.events$.subscribe((event) => events.push(event));
        const run = orchestrator.runTaskStream(task);
        const subscription = run.subscribe();
        scheduler.schedule(() => {
          subscription.unsubscribe();
        }, leaveAt);
        scheduler.flush();
        const { totals } = foldLedger(events);
        expect(totals).to.deep.equal({ inputTokens: served.input, outputTokens: served.output, requests: requests.length });
        expect(events.at(-1)?.type).to.equal('task_end');
      }),
    );
  });

  it('carries the number of its request through the run, and nothing else of it', () => {
    const event = eventsOf({ actor: askingActor(scriptedBackend(['aaaa'])), ledger: true }).find(({ type }) => type === 'request_end');
    expect(event?.data).to.deep.equal({
      ...{ source: 'actor', request: 1, inputTokens: 2, outputTokens: 1 },
      ...{ basis: 'estimated', outcome: 'finished' },
    });
  });
});

describe('the ledger of a tree of runs', () => {
  it('tells of what a child asks in both, each with its own number', () => {
    const inner = child(scriptedBackend([[{ type: 'text', text: 'bbbb' }, usage(5, 6)]]));
    const [told, toldInside]: StreamEvent[][] = [[], []];
    inner.events$.subscribe((event) => toldInside?.push(event));
    parentOf(inner)
      .runTaskStream(task)
      .subscribe((event) => told?.push(event));
    expect(billOf(toldInside ?? [])).to.deep.equal(['actor 1: 5/6 reported finished']);
    expect(billOf(told ?? [])).to.deep.equal([
      'actor 1: 2/1 estimated finished',
      'environment 2: 5/6 reported finished',
      'actor 3: 2/1 estimated finished',
    ]);
  });

  it('tells of what a child reports by itself', () => {
    const reporting: Actor = {
      decide: () => of({ type: 'usage' as const, usage: { inputTokens: 3, outputTokens: 4 } }, decided({ name: 'DONE' })),
    };
    const inner = orchestrate({ actor: reporting });
    const told: StreamEvent[] = [];
    parentOf(inner)
      .runTaskStream(task)
      .subscribe((event) => told.push(event));
    expect(billOf(told)).to.include('environment 2: 3/4 reported finished');
  });

  it('tells of what a child had in flight when the parent is left', () => {
    const inner = child({ stream: () => concat(of<LLMChunk>({ type: 'text', text: 'bbbb' }), NEVER) });
    const orchestrator = parentOf(inner);
    const told: StreamEvent[] = [];
    orchestrator.events$.subscribe((event) => told.push(event));
    orchestrator.runTaskStream(task).subscribe().unsubscribe();
    expect(billOf(told)).to.deep.equal(['actor 1: 2/1 estimated finished', 'environment 2: 2/1 estimated cancelled']);
    expect(told.at(-1)?.type).to.equal('task_end');
  });

  it('refuses a meter that is none', () => {
    expect(() => orchestrate().runTaskStream({ purpose: 'p', meter: {} as never })).to.throw(ContractError, /meter/);
  });
});
