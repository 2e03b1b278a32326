import { expect } from 'chai';
import { merge, NEVER, Observable, of, Subject, takeWhile, throwError, type ObservableInput } from 'rxjs';
import type { ActorSignal, DecideContext } from '../../lib/actor/actor.js';
import type { Notice } from '../../lib/domain/notice.js';
import { decided, scored, signal, token } from '../../lib/domain/signal.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import type { UserInput } from '../../lib/domain/user-input.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import { tool } from '../../lib/environment/tool.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import type { ApprovalDecision } from '../../lib/orchestrator/approval.js';
import { budget } from '../../lib/policies/budget.js';
import type { AgentHelpers } from '../../lib/testing/marbles/agent-helpers.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import type { SomePorts } from '../../lib/testing/marbles/test-orchestrator.js';
import { scriptedActor } from '../../lib/testing/scripts/scripted-actor.js';
import { orchestrate } from '../support/orchestrate.js';
import { counting, typesOf } from '../support/ports.js';

const s: UserInput = { mode: 'steer', message: 'left' };
const q: UserInput = { mode: 'queue', message: 'and then' };
const i: UserInput = { mode: 'interrupt', message: 'stop' };

/** A run that hears what comes in marbles. */
const hearing = (m: AgentHelpers, input: string, ports: SomePorts, task: { readonly maxSteps?: number } = {}) => {
  const input$ = m.hot(input, { s, q, i, b: 'left' as unknown as UserInput });
  return { input$, run: m.orchestrator(ports).runTaskStream({ purpose: 'p', input$, ...task }) };
};

const noticesOf = (contexts: readonly DecideContext[]): (readonly string[])[] =>
  contexts.map(({ notices = [] }) => notices.map(({ message }: Notice) => message));

/** The events of a run that ends at once. */
const eventsOf = (input$: ObservableInput<UserInput>, ports: SomePorts, maxSteps = 20): StreamEvent[] => {
  const events: StreamEvent[] = [];
  orchestrate(ports)
    .runTaskStream({ purpose: 'p', input$, maxSteps })
    .subscribe((event) => events.push(event));
  return events;
};

describe('input$', () => {
  it('is as it is drawn in the docstring', () => {
    agentMarbles((m) => {
      const { run } = hearing(m, '-s--q', { actor: m.actor(['--a', '---d', '--d']), environment: m.environment('s') });
      const letters = { s: { data: { ...s, id: 'i1' } }, q: { data: { ...q, id: 'i2' } } };
      m.expectEvents(run, 'input_received').toBe('-s--q--|', {
        s: { type: 'input_received', ...letters.s },
        q: { type: 'input_received', ...letters.q },
      });
      m.expectEvents(run, 'input_applied').toBe('--s--q-|', {
        s: { type: 'input_applied', ...letters.s },
        q: { type: 'input_applied', ...letters.q },
      });
    });
  });

  describe('that steers', () => {
    it('takes effect before the next decision, when it came while the agent decided', () => {
      agentMarbles((m) => {
        const actor = m.actor(['t 9ms (a|)', '5ms (d|)']);
        const { run } = hearing(m, '-----s', { actor, environment: m.environment('10ms (s|)') });
        m.expectRun(run).toBe('(Sst) @5ms i @10ms a @20ms (vesI) @25ms (adE|)', {
          i: { step: 1, data: { id: 'i1', mode: 'steer', message: 'left' } },
          I: { step: 2, data: { id: 'i1', mode: 'steer', message: 'left' } },
        });
      });
    });

    it('takes effect before the next decision, when it came while tools were at work or the step was judged', () => {
      agentMarbles((m) => {
        const purposeFunction = m.purposeFunction('10ms (1|)');
        const { run } = hearing(m, '-----s---------s', {
          actor: m.actor(['a', 'd']),
          environment: m.environment('10ms (s|)'),
          purposeFunction,
        });
        m.expectRun(run).toBe('(Ssa) @5ms i @15ms i @20ms (vesIIadE|)');
      });
    });

    it('is told to the actor from then on', () => {
      const actor = scriptedActor(['look', 'look', 'DONE']);
      const input$ = new Subject<UserInput>();
      const run = orchestrate({ actor, environment: counting() }).runTaskStream({ purpose: 'p', input$ });
      run.subscribe(({ type, step }) => {
        if (type === 'score') input$.next({ mode: 'steer', message: `said in ${step}` });
      });
      expect(noticesOf(actor.calls)).to.deep.equal([[], ['said in 1'], ['said in 1', 'said in 2']]);
    });

    it('takes effect at once where the agent would be DONE', () => {
      agentMarbles((m) => {
        const { run } = hearing(m, '--s', { actor: m.actor(['5ms (d|)', '5ms (d|)']) });
        m.expectRun(run).toBe('(Ss) @2ms i @5ms (DAI) @10ms (adE|)');
      });
    });
  });

  describe('that queues', () => {
    it('takes effect when the agent would be DONE, which it then is not', () => {
      agentMarbles((m) => {
        const actor = m.actor(['5ms (a|)', '5ms (td|)', '5ms (td|)']);
        const { run } = hearing(m, '--q', { actor, environment: m.environment('5ms (s|)') });
        m.expectRun(run).toBe('(Ss) @2ms i @5ms a @10ms (ves) @15ms (tDAI) @20ms (wadE|)', {
          D: { step: 2, data: { source: 'actor', attempt: 1, reason: 'it would be DONE, and a user has said more' } },
          A: { step: 2, data: { source: 'actor', attempt: 2 } },
          I: { step: 2, data: { id: 'i1', mode: 'queue', message: 'and then' } },
          t: { type: 'token', data: { attempt: 1 } },
          w: { type: 'token', data: { attempt: 2 } },
        });
      });
    });

    it('counts on from the highest attempt that has been told', () => {
      const actor = scriptedActor([[token('a'), token('b', { attempt: 3 }), decided({ name: 'DONE' })], 'DONE']);
      const events = eventsOf(of(q), { actor });
      expect(
        events.flatMap(({ type, data }) => (type === 'attempt_dropped' || type === 'attempt_start' ? [data.attempt] : [])),
      ).to.deep.equal([3, 4]);
      expect(actor.calls.map(({ attempt }) => attempt)).to.deep.equal([undefined, 4]);
    });

    it('takes effect together, and again for what is said after that', () => {
      const actor = scriptedActor(['DONE', [token('t'), decided({ name: 'DONE' })], 'DONE']);
      const input$ = new Subject<UserInput>();
      const run = orchestrate({ actor }).runTaskStream({ purpose: 'p', input$: merge(of(q, q), input$) });
      run.subscribe(({ type }) => {
        if (type === 'attempt_start' || type === 'token') input$.next({ ...q, message: type });
      });
      const first = ['and then', 'and then', 'attempt_start'];
      expect(noticesOf(actor.calls)).to.deep.equal([[], first, [...first, 'token', 'attempt_start']]);
    });

    it('never takes effect where the run ends otherwise, and that is told', () => {
      const endings: Readonly<Record<string, SomePorts>> = {
        early_stop: { purposeFunction: { evaluate: () => scored({ phiBefore: 0, phiAfter: 9, evidence: '' }) } },
        terminal: { environment: counting({ isTerminal: () => true }) },
        max_steps: {},
      };
      for (const [stopReason, ports] of Object.entries(endings)) {
        const events = eventsOf(of(q, s), { environment: counting(), ...ports, actor: scriptedActor(['look']) }, 1);
        expect(events.slice(-2).map(({ type, step, data }) => ({ type, step, data }))).to.deep.include({
          type: 'input_dropped',
          step: 0,
          data: { id: 'i1', ...q, reason: 'the run ended before it took effect' },
        });
        expect(events.at(-1)?.data).to.have.property('stopReason', stopReason);
      }
    });
  });

  describe('that interrupts', () => {
    it('drops the decision under way, and has the agent decide anew in the same step', () => {
      agentMarbles((m) => {
        const actor = m.actor(['t 99ms (a|)', 't---(d|)']);
        const { run } = hearing(m, '-----i', { actor });
        m.expectRun(run).toBe('(Sst) @5ms (iDAIw) @9ms (adE|)', {
          D: { step: 1, data: { attempt: 1, reason: 'interrupted by a user' } },
          A: { step: 1, data: { attempt: 2 } },
          I: { step: 1, data: { id: 'i1', mode: 'interrupt', message: 'stop' } },
          w: { type: 'token', data: { attempt: 2 } },
        });
        m.expectCalls(actor).toBe('^----!', '-----^---!');
      });
    });

    it('takes effect with what steers, and leaves what queues waiting', () => {
      agentMarbles((m) => {
        const { run } = hearing(m, '-sqi-i', { actor: m.actor(['t 99ms (a|)', 't 99ms (a|)', '-(d|)', '-(d|)']) });
        m.expectRun(run).toBe('(Sst) @1ms i @2ms i @3ms (iDAIIt) @5ms (iDAI) @6ms (DAI) @7ms (adE|)');
      });
    });

    it('tears the environment down, ends the calls that had begun, and lets the step go on', () => {
      agentMarbles((m) => {
        const [quick, slow] = [m.tool('quick', '2ms (r|)'), m.tool('slow', '99ms (r|)')];
        const calls = [{ name: 'quick' }, { name: 'slow' }];
        const actor = m.actor(['a', 'd'], { a: decided({ name: 'parallel', params: { calls } }) });
        const { run } = hearing(m, '-----i', { actor, environment: toolEnvironment({ tools: [quick, slow] }) });
        m.expectRun(run).toBe('(Ssabb) @2ms r @5ms (iIzxvesadE|)', {
          r: { data: { name: 'quick', ok: true } },
          I: { step: 1 },
          z: { type: 'tool_end', step: 1, data: { callId: '1.2', name: 'slow', ok: false, error: 'interrupted', settlement: 'cancelled' } },
          x: { data: { error: 'interrupted: stop' } },
          e: { data: { state: { data: { _error: 'interrupted: stop' } } } },
        });
        m.expectCalls(slow).toBe('^----!');
      });
    });

    it('denies what somebody is asked about, and lets go of them', () => {
      agentMarbles((m) => {
        const ask$ = m.cold<ApprovalDecision>('-');
        const environment = toolEnvironment({ tools: [m.tool('act', 'r')] });
        const { run } = hearing(m, '-----i', { actor: m.actor(['a', 'd']), environment, approve: { ask: () => ask$, within: 50 } });
        m.expectRun(run).toBe('(Ssag) @5ms (iIGxvesadE|)', { G: { data: { callId: '1.1', decision: 'deny', reason: 'interrupted' } } });
        m.expectSubscriptions(ask$.subscriptions).toBe('^----!');
        m.at(6, () => expect(m.pendingTimers()).to.deep.equal([]));
      });
    });

    it('waits for the next decision while the step is judged', () => {
      agentMarbles((m) => {
        const { run } = hearing(m, '-----i', {
          actor: m.actor(['a', 'd']),
          environment: m.environment('s'),
          purposeFunction: m.purposeFunction('10ms (1|)'),
        });
        m.expectRun(run).toBe('(Ssa) @5ms i @10ms (vesIadE|)');
      });
    });

    it('is heard in a decision before which another took effect', () => {
      agentMarbles((m) => {
        const ports = { environment: m.environment('s'), purposeFunction: m.purposeFunction('5ms (1|)') };
        const { run } = hearing(m, '---i----i', { ...ports, actor: m.actor(['a', '99ms (a|)', 'd']) });
        m.expectRun(run).toBe('(Ssa) @3ms i @5ms (vesI) @8ms (iDAIadE|)');
      });
    });

    it('takes effect once, where it does so while it is told that it came', () => {
      const action$ = new Subject<ActorSignal>();
      const input$ = new Subject<UserInput>();
      const types: string[] = [];
      const actor = { decide: ({ step }: DecideContext) => (step === 1 ? action$ : NEVER) };
      const run = orchestrate({ actor, environment: counting() }).runTaskStream({ purpose: 'p', input$ });
      run.subscribe(({ type }) => {
        types.push(type);
        if (type === 'input_received') action$.next(decided({ name: 'look' }));
      });
      input$.next(i);
      expect(types.slice(2)).to.deep.equal(['input_received', 'action', 'input_applied', 'error', 'score', 'step_end', 'step_start']);
    });

    it('waits for experience, and then for nothing', () => {
      agentMarbles((m) => {
        const experience = { recall: () => m.cold<never[]>('10ms (r|)', { r: [] }), record: () => of() };
        const { run } = hearing(m, '-----i', { actor: m.actor('---(d|)'), experience });
        m.expectRun(run).toBe('(Ss) @5ms i @10ms I @13ms (adE|)');
      });
    });

    it('keeps the action from its execution where it comes while that is told', () => {
      const input$ = new Subject<UserInput>();
      let executed = 0;
      const events: StreamEvent[] = [];
      orchestrate({
        actor: scriptedActor(['look', 'DONE']),
        environment: counting({
          execute: (_action, state) => {
            executed += 1;
            return state;
          },
        }),
      })
        .runTaskStream({ purpose: 'p', input$ })
        .subscribe((event) => {
          events.push(event);
          if (event.type === 'action' && event.step === 1) input$.next(i);
        });
      expect(typesOf(events).slice(2, 7)).to.deep.equal(['action', 'input_received', 'input_applied', 'error', 'score']);
      expect(executed).to.equal(0);
    });
  });

  it('has nobody asked anew where the run is stopped by what an interrupt causes while an event is taken', () => {
    const actor$ = new Subject<ActorSignal>();
    const input$ = new Subject<UserInput>();
    let asked = 0;
    const decide = () => {
      asked += 1;
      return actor$;
    };
    const run = orchestrate({ actor: { decide } }).runTaskStream({ purpose: 'p', input$ });
    run.subscribe(({ type }) => {
      if (type === 'token') input$.next(i);
      if (type === 'attempt_start') run.cancel();
    });
    actor$.next(token('t'));
    expect({ asked, isObserved: actor$.observed }).to.deep.equal({ asked: 1, isObserved: false });
  });

  describe('of a synchronous agent', () => {
    it('is heard where it is there from the beginning', () => {
      const actor = scriptedActor(['look', 'DONE', 'DONE']);
      const events = eventsOf(of(s, q, i), { actor, environment: counting() });
      expect(typesOf(events)).to.deep.equal([
        ...['task_start', 'input_received', 'input_received', 'input_received', 'step_start', 'input_applied', 'input_applied'],
        ...['action', 'score', 'step_end', 'step_start', 'attempt_dropped', 'attempt_start', 'input_applied', 'action', 'done', 'task_end'],
      ]);
      expect(noticesOf(actor.calls)).to.deep.equal([
        ['left', 'stop'],
        ['left', 'stop'],
        ['left', 'stop', 'and then'],
      ]);
    });

    it('is heard from whoever says it while they take an event, the start included', () => {
      const modes = ['steer', 'queue', 'interrupt'] as const;
      const at = ['task_start', 'step_start', 'token', 'action', 'tool_start', 'tool_end', 'score', 'step_end'] as const;
      for (const mode of modes) {
        for (const when of at) {
          const input$ = new Subject<UserInput>();
          const said: string[] = [];
          const heard: string[] = [];
          orchestrate({
            actor: {
              decide: ({ step, notices = [] }) => {
                heard.splice(0, heard.length, ...notices.map(({ message }) => message));
                return of(token('t'), decided({ name: step > 1 ? 'DONE' : 'look' }));
              },
            },
            environment: toolEnvironment({ tools: [tool({ name: 'look', run: () => 'seen' })] }),
          })
            .runTaskStream({ purpose: 'p', input$ })
            .subscribe(({ type, step }) => {
              if (type !== when || step > 1 || said.length > 0) return;
              said.push(`${mode} at ${when}`);
              input$.next({ mode, message: `${mode} at ${when}` });
            });
          expect(heard, `${mode} at ${when}`).to.deep.equal(said);
          expect(said).to.have.length(1);
        }
      }
    });

    it('may be said anew at each decision, three thousand times', () => {
      const input$ = new Subject<UserInput>();
      let rounds = 0;
      const run = orchestrate({ actor: { decide: () => of(token('t'), decided({ name: 'DONE' })) } }).runTaskStream({
        purpose: 'p',
        input$,
      });
      run.subscribe(({ type }) => {
        if (type !== 'token' || rounds >= 3_000) return;
        rounds += 1;
        input$.next(q);
      });
      let stopReason = '';
      run.result$.subscribe((result) => (stopReason = result.stopReason));
      expect({ rounds, stopReason }).to.deep.equal({ rounds: 3_000, stopReason: 'done' });
    });

    it('may interrupt each decision, three thousand times', () => {
      const input$ = new Subject<UserInput>();
      let rounds = 0;
      let asked = 0;
      const run = orchestrate({
        actor: {
          decide: () => {
            asked += 1;
            return of(token('t'), decided({ name: 'DONE' }));
          },
        },
      }).runTaskStream({ purpose: 'p', input$ });
      run.subscribe(({ type }) => {
        if (type !== 'token' || rounds >= 3_000) return;
        rounds += 1;
        input$.next(i);
      });
      expect({ rounds, asked }).to.deep.equal({ rounds: 3_000, asked: 3_001 });
    });
  });

  describe('as a source', () => {
    it('is subscribed once the run begins and let go of at its end', () => {
      agentMarbles((m) => {
        const { input$, run } = hearing(m, '-', {
          actor: m.actor('5ms (d|)'),
          environment: m.watch({ ...counting(), reset: () => m.cold('3ms (r|)', { r: { data: {} } }) }),
        });
        m.expectRun(run).toBe('---(Ss) @8ms (adE|)');
        m.expectSubscriptions(input$.subscriptions).toBe('---^----!');
      });
    });

    it('is let go of where the run is left, and what waited is told before task_end', () => {
      const input$ = new Subject<UserInput>();
      const orchestrator = orchestrate({ actor: { decide: () => NEVER } });
      const run = orchestrator.runTaskStream({ purpose: 'p', input$ });
      const types: string[] = [];
      orchestrator.events$.subscribe(({ type }) => types.push(type));
      const subscription = run.subscribe();
      input$.next(q);
      subscription.unsubscribe();
      expect(input$.observed).to.equal(false);
      expect(types).to.deep.equal(['task_start', 'step_start', 'input_received', 'input_dropped', 'task_end']);
    });

    it('has all that waited told before task_end where somebody leaves while they hear of the first', () => {
      const orchestrator = orchestrate({ actor: { decide: () => decided({ name: 'act' }) }, environment: counting() });
      const types: string[] = [];
      orchestrator.events$.subscribe(({ type, data }) => types.push(type === 'task_end' ? data.stopReason : type));
      orchestrator
        .runTaskStream({ purpose: 'p', input$: [q, q, q], maxSteps: 0 })
        .pipe(takeWhile(({ type }) => type !== 'input_dropped'))
        .subscribe();
      expect(types.slice(-4)).to.deep.equal(['input_dropped', 'input_dropped', 'input_dropped', 'cancelled']);
    });

    it('has all that waited told before task_end where somebody leaves a run whose budget is at its end', () => {
      const types: string[] = [];
      agentMarbles((m) => {
        const orchestrator = m.orchestrator({ actor: { decide: () => NEVER }, budget: budget({ ms: 5 }) });
        orchestrator.events$.subscribe(({ type, data }) => types.push(type === 'task_end' ? data.stopReason : type));
        orchestrator
          .runTaskStream({ purpose: 'p', input$: [q, q, q] })
          .pipe(takeWhile(({ type }) => type !== 'input_dropped'))
          .subscribe();
      });
      expect(types.slice(-5)).to.deep.equal(['budget_exceeded', 'input_dropped', 'input_dropped', 'input_dropped', 'cancelled']);
    });

    it('is let go of where the run fails, and what waited is told before task_end', () => {
      agentMarbles((m) => {
        const { input$, run } = hearing(m, '-qs', { actor: m.actor('5ms #') });
        m.expectRun(run).toBe('(Ss) @1ms i @2ms i @5ms (jjE#)');
        m.expectSubscriptions(input$.subscriptions).toBe('^----!');
      });
    });

    it('has all that was under way torn down before it tells of what waited', () => {
      const input$ = new Subject<UserInput>();
      const order: string[] = [];
      const decision$ = new Observable<never>(() => () => order.push('let go'));
      const run = orchestrate({ actor: { decide: () => decision$ } }).runTaskStream({ purpose: 'p', input$ });
      run.subscribe(({ type }) => order.push(type));
      input$.next(q);
      run.cancel();
      expect(order.slice(3)).to.deep.equal(['let go', 'input_dropped', 'task_end']);
    });

    it('changes nothing by its completion', () => {
      agentMarbles((m) => {
        const { run } = hearing(m, '-s|', { actor: m.actor(['5ms (a|)', 'd']), environment: m.environment('s') });
        m.expectRun(run).toBe('(Ss) @1ms i @5ms (avesIadE|)');
      });
    });

    it('does not end the run by its failure, which is told', () => {
      agentMarbles((m) => {
        const input$ = m.cold('-s#', { s }, new Error('the line is dead, api_key=abcdefgh12345678'));
        const run = m
          .orchestrator({ actor: m.actor(['5ms (a|)', 'd']), environment: m.environment('s') })
          .runTaskStream({ purpose: 'p', input$ });
        m.expectRun(run).toBe('(Ss) @1ms i @2ms j @5ms (avesIadE|)', {
          j: { step: 1, data: { id: 'i2', reason: 'input$ failed, and no more of it is heard: the line is dead, api_key=[redacted]' } },
        });
      });
    });

    it('does not end the run by failing at once', () => {
      const events = eventsOf(
        throwError(() => new Error('no line')),
        {},
      );
      expect(typesOf(events)).to.deep.equal(['task_start', 'input_dropped', 'step_start', 'action', 'done', 'task_end']);
    });

    it('is told of what is no input, with what is wrong', () => {
      const values = ['left', { mode: 'shout', message: 'x' }, { mode: 'steer' }, null] as unknown as UserInput[];
      const events = eventsOf(of(...values, s), { actor: scriptedActor(['DONE']) });
      const dropped = events.flatMap(({ type, data }) => (type === 'input_dropped' ? [data] : []));
      expect(dropped.map(({ id }) => id)).to.deep.equal(['i1', 'i2', 'i3', 'i4']);
      for (const { reason } of dropped) expect(reason).to.match(/^this is no input: /);
      expect(events.flatMap(({ type, data }) => (type === 'input_applied' ? [data.id] : []))).to.deep.equal(['i5']);
    });

    it('is heard no more once somebody stops the run while they hear of an input', () => {
      const input$ = new Subject<UserInput>();
      for (const when of ['input_received', 'input_applied', 'attempt_dropped', 'attempt_start'] as const) {
        const types: string[] = [];
        let asked = 0;
        const decide = () => {
          asked += 1;
          return merge(of(token('t')), NEVER);
        };
        const orchestrator = orchestrate({ actor: { decide } });
        const run = orchestrator.runTaskStream({ purpose: 'p', input$ });
        orchestrator.events$.subscribe(({ type }) => types.push(type));
        run.subscribe(({ type }) => {
          if (type === when) run.cancel();
        });
        input$.next(i);
        expect(types.at(-1), when).to.equal('task_end');
        expect(asked, when).to.equal(1);
        expect(input$.observed, when).to.equal(false);
      }
    });

    it('may be any input: a list, an async iterable, a Promise', async () => {
      const made: Readonly<Record<string, () => ObservableInput<UserInput>>> = {
        list: () => [s],
        promise: () => Promise.resolve(s),
        async *iterable() {
          yield await Promise.resolve(s);
        },
      };
      for (const [what, make] of Object.entries(made)) {
        const told = await new Promise((resolve) => {
          orchestrate({ actor: { decide: () => NEVER } })
            .runTaskStream({ purpose: 'p', input$: make() })
            .subscribe(({ type, data }) => {
              if (type === 'input_received') resolve(data);
            });
        });
        expect(told, what).to.deep.equal({ id: 'i1', ...s });
      }
    });

    const refused: Readonly<Record<string, unknown>> = { 'a text': 'left', 'a number': 5, null: null, 'a function': () => of(s) };
    for (const [what, input$] of Object.entries(refused)) {
      it(`is refused at the door where it is ${what}`, () => {
        const task = { purpose: 'p', input$: input$ as ObservableInput<UserInput> };
        expect(() => orchestrate().runTaskStream(task)).to.throw(ContractError, 'input$');
      });
    }
  });

  it('leaves what an environment reports as it is', () => {
    agentMarbles((m) => {
      const environment = m.environment('-o-(s|)', { o: signal('looked', {}) });
      const { run } = hearing(m, '-', { actor: m.actor(['a', 'd']), environment });
      m.expectRun(run).toBe('(Ssa) @1ms o @3ms (vesadE|)');
    });
  });
});
