import { expect } from 'chai';
import {
  concat,
  EMPTY,
  from,
  map,
  merge,
  mergeMap,
  NEVER,
  of,
  Subject,
  takeUntil,
  throwError,
  timer,
  VirtualTimeScheduler,
  type ObservableInput,
} from 'rxjs';
import type { Actor, ActorSignal } from '../../lib/actor/actor.js';
import { askBackend } from '../../lib/backend/ask-backend.js';
import type { LLMBackend, LLMChunk } from '../../lib/backend/backend.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import { withRetry } from '../../lib/backend/with-retry.js';
import { foldLedger } from '../../lib/domain/ledger.js';
import { meterOf } from '../../lib/domain/meter.js';
import { decided, scored, token } from '../../lib/domain/signal.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { tool } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { ServerError } from '../../lib/errors/server-error.js';
import { createOrchestrator } from '../../lib/orchestrator/orchestrator.js';
import { budget, type BudgetConfig } from '../../lib/policies/budget.js';
import type { BudgetDecision, BudgetExceeded } from '../../lib/policies/budget-decision.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { quietPorts } from '../../lib/testing/marbles/quiet-ports.js';
import { askingActor, billOf, requestOf } from '../support/metered-ports.js';
import { orchestrate } from '../support/orchestrate.js';

const texts = { a: 'aaaa', b: 'bbbb', c: 'cccc', d: 'dddd' };
const usage = (inputTokens: number, outputTokens: number): LLMChunk => ({ type: 'usage', usage: { inputTokens, outputTokens } });
const task = { purpose: 'go on' };
const forever = (): string => 'look';
const more = (limits: object): BudgetDecision => ({ decision: 'continue', more: limits });

/** The events of a run that ends at once. */
const eventsOf = (config: Parameters<typeof orchestrate>[0], given: object = {}): StreamEvent[] => {
  const events: StreamEvent[] = [];
  const orchestrator = orchestrate(config);
  orchestrator.events$.subscribe((event) => events.push(event));
  orchestrator.runTaskStream({ ...task, ...given }).subscribe({ error: () => undefined });
  return events;
};

const typesOf = (events: readonly StreamEvent[]): string => events.map(({ type }) => type).join(' ');

const endOf = (events: readonly StreamEvent[]): unknown => {
  const last = events.at(-1);
  return last?.type === 'task_end' ? `${last.data.stopReason}: ${last.data.reason ?? last.data.error?.message ?? ''}` : last?.type;
};

/** Two requests side by side, each said as tokens. */
const pair = (one: LLMBackend, other: LLMBackend): Actor => ({
  decide: ({ meter }) =>
    concat(
      merge(...[one, other].map((backend) => askBackend(backend, requestOf(2, meter)))).pipe(
        map((chunk) => token('text' in chunk ? chunk.text : chunk.type)),
      ),
      of(decided({ name: 'DONE' })),
    ),
});

/** A budget that asks this. */
const asking = (limits: BudgetConfig, ask: (exceeded: BudgetExceeded) => BudgetDecision | ObservableInput<BudgetDecision>) =>
  budget({ ...limits, policy: { ask } });

/** A run whose tool runs another. */
const delegating = (inner: LLMBackend, outer: BudgetConfig, own?: BudgetConfig) => {
  const child = orchestrate({ actor: askingActor(inner, forever), ...(own === undefined ? {} : { budget: budget(own) }) });
  const inside: StreamEvent[] = [];
  child.events$.subscribe((event) => inside.push(event));
  const delegate = tool({
    name: 'delegate',
    run: (_params, { meter }) => child.runTaskStream({ purpose: 'help', ...meterOf({ meter }) }).pipe(mergeMap(() => EMPTY)),
  });
  const actor: Actor = { decide: ({ step }) => decided({ name: step === 1 ? 'delegate' : 'DONE' }) };
  return { events: eventsOf({ actor, environment: toolEnvironment({ tools: [delegate] }), budget: budget(outer) }), inside };
};

describe('budget', () => {
  describe('that stops', () => {
    it('cuts a request in its middle, where the estimate crosses the line', () =>
      agentMarbles(({ run, backend, expectRun, expectRequests }) => {
        const answer = backend('-----a-b-c-d', texts);
        expectRun(run({ actor: askingActor(answer), budget: budget({ tokens: 4 }) })).toBe('(Ss)-t-t-(BqE|)', {
          B: { data: { limit: 'tokens', allowed: 4, spent: 5 } },
          q: { data: { inputTokens: 2, outputTokens: 3, outcome: 'cancelled' } },
          E: { data: { stopReason: 'budget', reason: 'the budget allows 4 tokens, and 5 tokens would be spent' } },
        });
        expectRequests(answer).toBe('^--------!');
      }));

    it('cuts a request whose reported usage crosses the line', () =>
      agentMarbles(({ run, backend, expectRun, expectRequests }) => {
        const answer = backend('-----a-u-b|', { ...texts, u: usage(2, 90) });
        expectRun(run({ actor: askingActor(answer), budget: budget({ tokens: 50 }) })).toBe('(Ss)-t-(BqE|)', {
          q: { data: { outputTokens: 90, basis: 'reported' } },
        });
        expectRequests(answer).toBe('^------!');
      }));

    it('makes no request that leaves no room for its answer', () => {
      const backend = scriptedBackend([]);
      const events = eventsOf({ actor: askingActor(backend, forever, 10), budget: budget({ tokens: 10 }) });
      expect(typesOf(events)).to.equal('task_start step_start budget_exceeded task_end');
      expect(backend.requests).to.have.length(0);
      expect(endOf(events)).to.equal('budget: the budget allows 10 tokens, and 11 tokens would be spent');
    });

    it('makes no more requests than it allows, those of retries included', () => {
      const backend = scriptedBackend(['a', 'b']);
      const events = eventsOf({ actor: askingActor(backend, forever), budget: budget({ requests: 2 }) });
      expect(backend.requests).to.have.length(2);
      expect(endOf(events)).to.equal('budget: the budget allows 2 requests, and 3 requests would be spent');
      const failing = scriptedBackend([new ServerError('no')]);
      const retried = withRetry({ random: () => 0 })(failing);
      agentMarbles(({ run, expectEvents }) => {
        expectEvents(run({ actor: askingActor(retried), budget: budget({ requests: 1 }) }), ['budget_exceeded', 'task_end']).toBe('(BE|)');
      });
      expect(failing.requests).to.have.length(1);
    });

    it('holds requests side by side to one line', () =>
      agentMarbles(({ run, backend, expectRun, expectRequests }) => {
        const [one, other] = [backend('-----a--b---c', texts), backend('------a---b--c', texts)];
        expectRun(run({ actor: pair(one, other), budget: budget({ tokens: 7 }) })).toBe('(Ss)-tt-t-(BqqE|)', { B: { data: { spent: 8 } } });
        expectRequests(one).toBe('^---------!');
        expectRequests(other).toBe('^---------!');
      }));

    it('counts the cost, by a price or by a function of a request', () => {
      const prices: BudgetConfig['price'][] = [
        { input: 1_000_000, output: 2_000_000 },
        ({ inputTokens, outputTokens }) => inputTokens + 2 * outputTokens,
      ];
      for (const price of prices) {
        const backend = scriptedBackend([['aaaa', 'bbbb', 'cccc']]);
        const events = eventsOf({ actor: askingActor(backend), budget: budget({ cost: 6, ...(price === undefined ? {} : { price }) }) });
        expect(billOf(events)).to.deep.equal(['actor 1: 2/3 estimated cancelled']);
        expect(endOf(events)).to.equal('budget: the budget allows 6 in cost, and 8 in cost would be spent');
      }
    });

    it('fails the run where the price of a request cannot be had', () => {
      for (const price of [
        () => NaN,
        () => -1,
        () => 'much' as never,
        () => {
          throw new Error('no list');
        },
      ]) {
        expect(endOf(eventsOf({ actor: askingActor(scriptedBackend(['a'])), budget: budget({ cost: 1, price }) }))).to.match(
          /^failed: The price of a budget/,
        );
      }
    });

    it('runs no batch of calls that would cross the line', () => {
      let ran = 0;
      const look = tool({ name: 'look', run: () => (ran += 1) });
      const calls = [1, 2].map(() => ({ name: 'look', params: {} }));
      const actor: Actor = {
        decide: ({ step }) => decided(step === 1 ? { name: 'look' } : { name: 'parallel', params: { calls } }),
      };
      const events = eventsOf({ actor, environment: toolEnvironment({ tools: [look] }), budget: budget({ toolCalls: 2 }) });
      expect(ran).to.equal(1);
      expect(endOf(events)).to.equal('budget: the budget allows 2 tool calls, and 3 tool calls would be spent');
      expect(typesOf(events.slice(-3))).to.equal('action budget_exceeded task_end');
    });

    it('stops an environment that starts more than was to be foreseen', () => {
      const actor: Actor = { decide: () => decided({ name: 'look' }) };
      const start = { type: 'tool_start', data: { callId: '1', name: 'look', params: {} } };
      const environment = { reset: () => ({ data: {} }), execute: () => of(start, start, { data: {} }), isTerminal: () => false };
      expect(endOf(eventsOf({ actor, environment, budget: budget({ toolCalls: 1 }) }))).to.match(/^budget: .* 2 tool calls/);
    });

    it('stops when its time is up, and keeps no timer where the run ends before', () =>
      agentMarbles(({ run, backend, expectRun, expectRequests, pendingTimers, flush }) => {
        const answer = backend(['-----a', '-----(a|)'], texts);
        expectRun(run({ actor: askingActor(answer), budget: budget({ ms: 8 }) })).toBe('(Ss)-t--(BqE|)', {
          B: { data: { limit: 'ms', allowed: 8, spent: 8 } },
        });
        expectRun(run({ actor: askingActor(answer), budget: budget({ ms: 60_000 }) })).toBe('(Ss)-(tqadE|)');
        expectRequests(answer).toBe('^-------!', '^----|');
        flush();
        expect(pendingTimers()).to.deep.equal([]);
      }));

    it('counts what a port reports by itself', () => {
      const actor: Actor = {
        decide: () => of({ type: 'usage' as const, usage: { inputTokens: 30, outputTokens: 4 } }, decided({ name: 'look' })),
      };
      const events = eventsOf({ actor, budget: budget({ tokens: 70 }) });
      expect(foldLedger(events).totals).to.deep.equal({ inputTokens: 90, outputTokens: 12, requests: 3 });
      expect(endOf(events)).to.match(/^budget: .* 102 tokens/);
    });

    it('gives each run an account of its own', () => {
      const shared = budget({ requests: 1 });
      for (let turn = 0; turn < 2; turn += 1)
        expect(endOf(eventsOf({ actor: askingActor(scriptedBackend(['a'])), budget: shared }))).to.equal('done: ');
    });

    it('completes, hands nothing to the experience, and gives the result with its stop reason', () => {
      let recorded = 0;
      const heard: unknown[] = [];
      const orchestrator = orchestrate({
        actor: askingActor(scriptedBackend(['a', 'b']), forever),
        experience: { recall: () => [], record: () => void (recorded += 1) },
        budget: budget({ requests: 1 }),
      });
      orchestrator.runTask(task).subscribe({ next: ({ stopReason }) => heard.push(stopReason), complete: () => heard.push('|') });
      expect(heard).to.deep.equal(['budget', '|']);
      expect(recorded).to.equal(0);
    });
  });

  describe('that asks', () => {
    it('cuts the request, waits, and makes it again when there is more', () =>
      agentMarbles(({ run, backend, cold, expectRun, expectRequests }) => {
        const answer = backend(['-----a-b-c', '-----a-b-(c|)'], texts);
        const decision$ = cold('          -----d', { d: more({ tokens: 100 }) });
        expectRun(run({ actor: askingActor(answer), budget: asking({ tokens: 4 }, () => decision$) })).toBe(
          '(Ss)-t-t-(Bq)-(kDA)t-t-(tradE|)',
          {
            q: { data: { outcome: 'cancelled', outputTokens: 3 } },
            k: { data: { decision: 'continue', more: { tokens: 100 } } },
            r: { type: 'request_end', data: { request: 2, outcome: 'finished' } },
          },
        );
        expectRequests(answer).toBe('^--------!', '--------------^--------|');
      }));

    it('is asked once for all that meet the line meanwhile', () =>
      agentMarbles(({ run, backend, cold, expectEvents, expectRequests, flush }) => {
        const asked: BudgetExceeded[] = [];
        const [one, other] = [backend(['-----a--b', '(c|)'], texts), backend(['------a-----b', '(c|)'], texts)];
        const decision$ = cold('-------d', { d: more({ tokens: 100 }) });
        const policy = asking({ tokens: 6 }, (exceeded) => {
          asked.push(exceeded);
          return decision$;
        });
        expectEvents(run({ actor: pair(one, other), budget: policy }), [
          'budget_exceeded',
          'budget_decision',
          'request_end',
          'task_end',
        ]).toBe(
          // The other is cut when it has more to say, at 12.
          '--------(Bq)q--(kqqE|)',
        );
        flush();
        expect(asked).to.have.length(1);
        expectRequests(one).toBe('^-------!', '---------------(^|)');
        expectRequests(other).toBe('^-----------!', '---------------(^|)');
      }));

    it('lets an answer that is complete go on to its end', () =>
      agentMarbles(({ run, backend, cold, expectRun, expectRequests }) => {
        const answer = backend(['-----a(uf|)', '(b|)'], { ...texts, u: usage(2, 90), f: { type: 'finish', reason: 'stop' } });
        const decision$ = cold('      ---------------d', { d: more({ tokens: 100 }) });
        const actor = askingActor(answer, (step) => (step === 1 ? 'look' : 'DONE'));
        expectRun(run({ actor, budget: asking({ tokens: 50 }, () => decision$) })).toBe('(Ss)-t(Buqa)---------(kvestqadE|)');
        expectRequests(answer).toBe('^-----|', '---------------------(^|)');
      }));

    it('cuts nothing where the decision is there at once', () => {
      const backend = scriptedBackend([['aaaa', 'bbbb', 'cccc']]);
      const events = eventsOf({ actor: askingActor(backend), budget: asking({ tokens: 3 }, () => more({ tokens: 1 })) });
      expect(typesOf(events.slice(2))).to.equal(
        'token budget_exceeded budget_decision token budget_exceeded budget_decision token request_end action done task_end',
      );
    });

    const stops: Readonly<Record<string, readonly [answer: () => BudgetDecision | ObservableInput<BudgetDecision>, reason: RegExp]>> = {
      'that it is to stop': [() => of<BudgetDecision>({ decision: 'stop', reason: 'too dear' }), /: too dear$/],
      'that it is to stop, without a reason': [() => ({ decision: 'stop' }), /would be spent$/],
      nothing: [() => EMPTY, /nobody decided$/],
      'an error': [() => throwError(() => new Error('no line')), /asking failed: no line$/],
      'an error at once': [
        () => {
          throw new Error('no line');
        },
        /asking failed: no line$/,
      ],
      'no more of what was met': [() => more({ requests: 5 }), /with no more tokens$/],
      'more that is no number': [() => more({ tokens: NaN }), /with no more tokens$/],
      'more that is none': [() => more(null as never), /with no more tokens$/],
      'something else': [() => of<BudgetDecision>('yes' as never), /neither to continue nor to stop$/],
    };
    for (const [what, [answer, reason]] of Object.entries(stops)) {
      it(`stops where it is told ${what}`, () => {
        const events = eventsOf({ actor: askingActor(scriptedBackend([['aaaa', 'bbbb']])), budget: asking({ tokens: 3 }, answer) });
        expect(endOf(events)).to.match(/^budget: the budget allows 3 tokens/);
        expect(endOf(events)).to.match(reason);
        expect(typesOf(events.slice(-3))).to.match(/budget_decision.* task_end$/);
      });
    }

    it('expires as its Observable does', () =>
      agentMarbles(({ run, backend, expectEvents, expectTeardown }) => {
        const answer = backend('-----a-b', texts);
        const policy = asking({ tokens: 3 }, () => new Subject<BudgetDecision>().pipe(takeUntil(timer(20))));
        expectEvents(run({ actor: askingActor(answer), budget: policy }), ['budget_exceeded', 'budget_decision', 'task_end']).toBe(
          '7ms B 19ms (kE|)',
          { k: { data: { decision: 'stop', reason: 'nobody decided' } } },
        );
        expectTeardown(answer).toBe('7ms !');
      }));

    it('stops asking when the run is left', () =>
      agentMarbles(({ run, backend, cold, expectEvents, expectSubscriptions }) => {
        const decision$ = cold<BudgetDecision>('----------');
        const policy = asking({ tokens: 3 }, () => decision$);
        expectEvents(run({ actor: askingActor(backend('-----a-b', texts)), budget: policy }), 'budget_exceeded', '^---------!').toBe(
          '-------B',
        );
        expectSubscriptions(decision$.subscriptions).toBe('-------^--!');
      }));

    it('does not count the time of the question, and counts what is added from there', () =>
      agentMarbles(({ run, backend, cold, expectEvents }) => {
        const answer = backend('-----a', texts);
        const decisions = [cold('20ms d', { d: more({ ms: 7 }) }), cold('20ms d', { d: { decision: 'stop' } as BudgetDecision })];
        const policy = asking({ ms: 10 }, () => decisions.shift() ?? EMPTY);
        expectEvents(run({ actor: askingActor(answer), budget: policy }), ['budget_exceeded', 'budget_decision', 'task_end']).toBe(
          '10ms B 19ms k 6ms C 19ms (lE|)',
          {
            B: { data: { limit: 'ms', allowed: 10, spent: 10 } },
            C: { type: 'budget_exceeded', data: { limit: 'ms', allowed: 17, spent: 17 } },
            l: { type: 'budget_decision', data: { decision: 'stop' } },
          },
        );
      }));

    it('rests its clock while it is asked about something else', () =>
      agentMarbles(({ run, backend, cold, expectEvents }) => {
        const answer = backend(['-----a-b', '-'], texts);
        const decisions = [cold('20ms d', { d: more({ tokens: 9 }) }), of<BudgetDecision>({ decision: 'stop' })];
        const policy = asking({ tokens: 3, ms: 10 }, () => decisions.shift() ?? EMPTY);
        expectEvents(run({ actor: askingActor(answer), budget: policy }), ['budget_exceeded', 'budget_decision', 'task_end']).toBe(
          '7ms B 19ms k--(ClE|)',
          {
            B: { data: { limit: 'tokens' } },
            C: { type: 'budget_exceeded', data: { limit: 'ms', allowed: 10, spent: 10 } },
            l: { type: 'budget_decision', data: { decision: 'stop' } },
          },
        );
      }));

    it('cuts what has more to say while it asks about the time', () =>
      agentMarbles(({ run, backend, cold, expectEvents, expectRequests }) => {
        const answer = backend('-----a-----b', texts);
        const decision$ = cold<BudgetDecision>('-');
        const policy = asking({ ms: 8 }, () => decision$);
        expectEvents(run({ actor: askingActor(answer), budget: policy }), ['budget_exceeded', 'request_end'], '^ 20ms !').toBe('8ms B--q');
        expectRequests(answer).toBe('^----------!');
      }));

    it('begins no step while it asks, of ports that ask no model of ours either', () => {
      let decisions = 0;
      const actor: Actor = { decide: () => decided({ name: (decisions += 1) > 1 ? 'DONE' : 'look' }) };
      const spent = { type: 'usage' as const, usage: { inputTokens: 9, outputTokens: 0 } };
      const purposeFunction = { evaluate: () => of(spent, scored({ phiBefore: 0, phiAfter: 0 })) };
      const decision$ = new Subject<BudgetDecision>();
      const events = eventsOf({ actor, purposeFunction, budget: asking({ tokens: 2 }, () => decision$) });
      expect(endOf(events)).to.equal('step_end');
      decision$.next(more({ tokens: 9 }));
      expect(endOf(events)).to.equal('done: ');
    });

    it('holds up ports that ask no model of ours, and calls', () => {
      const decision$ = new Subject<BudgetDecision>();
      const actor: Actor = {
        decide: () => of({ type: 'usage' as const, usage: { inputTokens: 3, outputTokens: 0 } }, decided({ name: 'look' })),
      };
      const events = eventsOf({ actor, budget: asking({ tokens: 2 }, () => decision$) }, { maxSteps: 1 });
      expect(typesOf(events.slice(-3))).to.match(/action$/);
      decision$.next(more({ tokens: 5 }));
      expect(endOf(events)).to.equal('max_steps: ');
    });

    it('asks again where what was added does not do', () => {
      const asked: number[] = [];
      const policy = asking({ tokens: 5 }, ({ spent, allowed }) => {
        asked.push(spent - allowed);
        return more({ tokens: 4 });
      });
      expect(endOf(eventsOf({ actor: askingActor(scriptedBackend(['a']), undefined, 11), budget: policy }))).to.equal('done: ');
      expect(asked).to.deep.equal([7, 3]);
    });
  });

  describe('of a tree of runs', () => {
    it('ends the child with the parent, in the middle of its answer', () => {
      const { events, inside } = delegating(scriptedBackend([['aaaa', 'bbbb', 'cccc']]), { tokens: 4 });
      expect(endOf(events)).to.match(/^budget: .* 5 tokens/);
      expect(billOf(events)).to.deep.equal(['environment 1: 2/3 estimated cancelled']);
      expect(billOf(inside)).to.deep.equal(['actor 1: 2/3 estimated cancelled']);
      expect(endOf(inside)).to.match(/^cancelled/);
    });

    it('ends the child alone where that has spent its own', () => {
      const { events, inside } = delegating(scriptedBackend(['aaaa', 'bbbb']), { tokens: 100 }, { requests: 1 });
      expect(endOf(inside)).to.match(/^budget: /);
      expect(endOf(events)).to.equal('done: ');
      expect(foldLedger(events).totals).to.deep.equal({ inputTokens: 2, outputTokens: 1, requests: 1 });
    });

    it('counts the tool calls of a child, and holds them up', () => {
      let ran = 0;
      const child = orchestrate({
        actor: { decide: () => decided({ name: 'look' }) },
        environment: toolEnvironment({ tools: [tool({ name: 'look', run: () => (ran += 1) })] }),
      });
      const delegate = tool({
        name: 'delegate',
        run: (_params, { meter }) => child.runTask({ purpose: 'help', maxSteps: 5, ...meterOf({ meter }) }),
      });
      const actor: Actor = { decide: () => decided({ name: 'delegate' }) };
      const events = eventsOf({ actor, environment: toolEnvironment({ tools: [delegate] }), budget: budget({ toolCalls: 3 }) });
      expect(endOf(events)).to.equal('budget: the budget allows 3 tool calls, and 4 tool calls would be spent');
      expect(ran).to.equal(2);
    });
  });

  it('leaves nothing behind wherever the run is left, also while it asks', () => {
    const make = () =>
      orchestrate({
        actor: askingActor({ stream: () => concat(from(['aaaa', 'bbbb']).pipe(map((text): LLMChunk => ({ type: 'text', text }))), NEVER) }),
        budget: asking({ tokens: 3, ms: 60_000, scheduler }, () => asked$),
      });
    const asked$ = new Subject<BudgetDecision>();
    const scheduler = new VirtualTimeScheduler();
    for (let leaveAt = 0; leaveAt < 5; leaveAt += 1) {
      const orchestrator = make();
      const events: StreamEvent[] = [];
      orchestrator.events$.subscribe((event) => events.push(event));
      const run = orchestrator.runTaskStream(task);
      run.subscribe(({ seq }) => {
        if (seq === leaveAt) run.cancel();
      });
      expect(typesOf(events), `at ${leaveAt}`).to.match(/^task_start .*task_end$/);
      expect(billOf(events), `at ${leaveAt}`).to.have.length(leaveAt < 2 ? 0 : 1);
      expect(asked$.observed, `at ${leaveAt}`).to.equal(false);
      expect(scheduler.actions, `at ${leaveAt}`).to.have.length(0);
    }
  });

  it('adds nothing for what it does not limit, and meets a line only beyond it', () => {
    const events = eventsOf({
      actor: askingActor(scriptedBackend([['aaaa', 'bbbb']])),
      budget: budget({ tokens: 4, requests: 1, cost: 4, price: { input: 1e6, output: 1e6 } }),
    });
    expect(endOf(events)).to.equal('done: ');
  });

  it('is not met by what decimals are off by', () => {
    const spent: ActorSignal = { type: 'usage', usage: { inputTokens: 0, outputTokens: 1 } };
    const actor: Actor = { decide: ({ step }) => of(spent, decided({ name: step < 3 ? 'look' : 'DONE' })) };
    for (const price of [() => 0.1, { input: 0, output: 100_000 }]) {
      expect(endOf(eventsOf({ actor, budget: budget({ cost: 0.3, price }) }))).to.equal('done: ');
      expect(endOf(eventsOf({ actor, budget: budget({ cost: 0.299, price }) }))).to.match(/^budget: the budget allows 0\.299 in cost/);
    }
    const backend = scriptedBackend([['aaaa']]);
    const afterTwo: Actor = {
      decide: ({ step, ...context }) =>
        step < 3 ? of(spent, decided({ name: 'look' })) : askingActor(backend).decide({ ...context, step }),
    };
    expect(endOf(eventsOf({ actor: afterTwo, budget: budget({ cost: 0.3, price: () => 0.1 }) }))).to.equal('done: ');
  });

  it('is refused at the door where it is the limits and no budget', () => {
    for (const given of [{ tokens: 1 }, null, budget])
      expect(() => createOrchestrator({ ...quietPorts(), budget: given as never })).to.throw(ContractError, 'budget has to be');
  });

  const wrong: Readonly<Record<string, BudgetConfig>> = {
    'no limit': {},
    'tokens below 0': { tokens: -1 },
    'tokens that are no number': { tokens: NaN },
    'half a request': { requests: 0.5 },
    'half a call': { toolCalls: 0.5 },
    'no time': { ms: 0 },
    'a cost without a price': { cost: 1 },
    'a price below 0': { cost: 1, price: { input: -1, output: 0 } },
    'an endless cost': { cost: Infinity, price: { input: 1, output: 1 } },
    'a policy of no kind': { tokens: 1, policy: 'ask' as never },
  };
  for (const [what, config] of Object.entries(wrong)) {
    it(`refuses ${what}`, () => {
      expect(() => budget(config)).to.throw(ContractError);
    });
  }
});
