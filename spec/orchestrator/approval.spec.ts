import { expect } from 'chai';
import { asyncScheduler, EMPTY, filter, NEVER, of, Subject, throwError, type Observable } from 'rxjs';
import { createRunState, foldRun } from '../../lib/domain/run-state.js';
import { decided, signal } from '../../lib/domain/signal.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import { tool } from '../../lib/environment/tool.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { ofType } from '../../lib/operators/of-type.js';
import type { ApprovalDecision, ApprovalRequest, ApproveConfig } from '../../lib/orchestrator/approval.js';
import { approvalOf, readDecision } from '../../lib/orchestrator/approval-decision.js';
import { approveCall } from '../../lib/orchestrator/approval-gate.js';
import { createOrchestrator } from '../../lib/orchestrator/orchestrator.js';
import type { RunControl } from '../../lib/orchestrator/run-control.js';
import type { AgentHelpers } from '../../lib/testing/marbles/agent-helpers.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { quietPorts } from '../../lib/testing/marbles/quiet-ports.js';
import { scriptedActor } from '../../lib/testing/scripts/scripted-actor.js';
import { actionOf, eventOf, numbered, scoreOf, stepEnd, stepStart, taskStart } from '../support/events.js';
import { orchestrate } from '../support/orchestrate.js';
import { counting } from '../support/ports.js';

const act = decided({ name: 'look', params: { at: 'door' } });
const calls = ['look', 'take', 'open'].map((name) => ({ name, params: { at: name } }));
const parallel = decided({ name: 'parallel', params: { calls } });

const y: ApprovalDecision = { decision: 'approve' };
const n: ApprovalDecision = { decision: 'deny', reason: 'too late at night' };
const x: ApprovalDecision = { decision: 'edit', params: { at: 'window' } };

/** A run of one action at 5 ms, which takes 10 ms, and DONE. */
const oneCall = (m: AgentHelpers, approve: ApproveConfig, decisions: string | readonly string[] = ['5ms (a|)', 'd']) => {
  const look = m.tool('look', '10ms (r|)');
  const run = m.run({ actor: m.actor(decisions, { a: act }), environment: toolEnvironment({ tools: [look] }), approve });
  return { look, run };
};

/** A run of three actions side by side, at once, and DONE. */
const threeCalls = (m: AgentHelpers, approve: ApproveConfig) => {
  const tools = ['look', 'take', 'open'].map((name) => m.tool(name, '10ms (r|)'));
  const run = m.run({ actor: m.actor(['a', 'd'], { a: parallel }), environment: toolEnvironment({ tools }), approve });
  return { tools, run };
};

/** A run of what `a` is, and DONE. */
const world = (
  m: AgentHelpers,
  a: typeof act,
  approve: ApproveConfig,
  marbles = '10ms (s|)',
  decisions: string | readonly string[] = ['a', 'd'],
) => {
  const environment = m.environment(marbles);
  return { environment, run: m.run({ actor: m.actor(decisions, { a }), environment, approve }) };
};

/** Gives decisions as they come, to whom they are for. */
const desk = () => {
  const decisions$ = new Subject<ApprovalDecision & { readonly callId: string }>();
  const ask = ({ callId }: ApprovalRequest): Observable<ApprovalDecision> =>
    decisions$.pipe(filter((decision) => decision.callId === callId));
  return { decisions$, ask };
};

describe('approve', () => {
  it('is as it is drawn in the docstring', () => {
    agentMarbles((m) => {
      const environment = toolEnvironment({ tools: [m.tool('look', '--(r|)')] });
      const run = m.run({ actor: m.actor(['a', 'd'], { a: act }), environment, approve: { ask: () => m.cold('-----y', { y }) } });
      m.expectRun(run).toBe('(Ssag) @5ms (Gb) @7ms (rvesadE|)');
    });
  });

  describe('of one call', () => {
    it('lets it run from the moment it is approved', () => {
      agentMarbles((m) => {
        const ask$ = m.cold('10ms y', { y });
        const { look, run } = oneCall(m, { ask: () => ask$ });
        m.expectRun(run).toBe('(Ss) @5ms (ag) @15ms (Gb) @25ms (rvesadE|)', {
          g: { step: 1, data: { callId: '1.1', name: 'look', params: { at: 'door' } } },
          G: { step: 1, data: { callId: '1.1', decision: 'approve' } },
          b: { data: { callId: '1.1', params: { at: 'door' } } },
        });
        m.expectSubscriptions(ask$.subscriptions).toBe('5ms ^ 9ms !');
        m.expectCalls(look).toBe('15ms ^ 9ms |');
      });
    });

    it('does not run it where it is denied, and tells the agent why', () => {
      agentMarbles((m) => {
        const { look, run } = oneCall(m, { ask: () => m.cold('10ms n', { n }) });
        m.expectRun(run).toBe('(Ss) @5ms (ag) @15ms (GbrvesadE|)', {
          G: { data: { callId: '1.1', decision: 'deny', reason: 'too late at night' } },
          r: { data: { callId: '1.1', ok: false, error: 'denied: too late at night' } },
        });
        m.expectCalls(look).toBe('');
      });
    });

    it('says that there was no reason where none was given', () => {
      agentMarbles((m) => {
        const { run } = oneCall(m, { ask: () => ({ decision: 'deny' }) });
        m.expectRun(run).toBe('(Ss) @5ms (agGbrvesadE|)', { r: { data: { ok: false, error: 'denied: no reason was given' } } });
      });
    });

    it('runs it as it was edited, which is then the action of the trajectory, the history and the turns', () => {
      agentMarbles((m) => {
        const { run } = oneCall(m, { ask: () => m.cold('10ms x', { x }) });
        m.expectRun(run).toBe('(Ss) @5ms (ag) @15ms (Gb) @25ms (rvesadE|)', {
          G: { data: { decision: 'edit', params: { at: 'window' } } },
          b: { data: { params: { at: 'window' } } },
        });
        m.expectTrajectory(run).toMatch({ steps: [{ action: { name: 'look', params: { at: 'window' } } }] });
      });
      const decide = scriptedActor([act, 'DONE']);
      const judged: unknown[] = [];
      orchestrate({
        actor: decide,
        environment: counting(),
        purposeFunction: {
          evaluate: ({ action }) => {
            judged.push(action.params);
            return { type: 'score', score: { phiBefore: 0, phiAfter: 1, delta: 1, confidence: 1, evidence: '', improved: true } };
          },
        },
        approve: { ask: () => x },
      })
        .runTask({ purpose: 'p' })
        .subscribe();
      expect(judged).to.deep.equal([{ at: 'window' }]);
      expect(decide.calls[1]?.history[0]?.action).to.equal('look({"at":"window"})');
      expect(decide.calls[1]?.turns[0]?.action.params).to.deep.equal({ at: 'window' });
    });

    it('lets go of whoever is asked at the first decision, and of what comes later', () => {
      agentMarbles((m) => {
        const ask$ = m.cold('--(yn)x', { y, n, x });
        const { run } = oneCall(m, { ask: () => ask$, within: 100 });
        m.expectRun(run).toBe('(Ss) @5ms (ag) @7ms (Gb) @17ms (rvesadE|)', { G: { data: { decision: 'approve' } } });
        m.expectSubscriptions(ask$.subscriptions).toBe('5ms ^-!');
        m.at(8, () => expect(m.pendingTimers()).not.to.include(105));
      });
    });

    it('goes by the first of several decisions that are there at once', () => {
      agentMarbles((m) => {
        const { run } = oneCall(m, { ask: () => of(y, n) });
        m.expectRun(run).toBe('(Ss) @5ms (agGb) @15ms (rvesadE|)', { G: { data: { decision: 'approve' } } });
      });
    });

    it('is denied where nobody decides in time, and what comes later changes nothing', () => {
      agentMarbles((m) => {
        const ask$ = m.cold('70ms y', { y });
        const { run } = oneCall(m, { ask: () => ask$, within: 60 });
        m.expectRun(run).toBe('(Ss) @5ms (ag) @65ms (GbrvesadE|)', {
          g: { timestamp: 5, data: { callId: '1.1', expiresAt: 65 } },
          G: { data: { decision: 'deny', reason: 'nobody decided within 60 ms' } },
          r: { data: { error: 'denied: nobody decided within 60 ms' } },
        });
        m.expectSubscriptions(ask$.subscriptions).toBe('5ms ^ 59ms !');
      });
    });

    it('sets no timer where it is decided at once', () => {
      agentMarbles((m) => {
        const { run } = oneCall(m, { ask: () => y, within: 60 });
        m.expectRun(run).toBe('(Ss) @5ms (agGb) @15ms (rvesadE|)');
        m.at(6, () => expect(m.pendingTimers()).not.to.include(65));
      });
    });

    it('asks nobody about what needs no leave, nor about DONE', () => {
      agentMarbles((m) => {
        const asked: ApprovalRequest[] = [];
        const seen: ApprovalRequest[] = [];
        const { run } = oneCall(m, {
          when: (call) => {
            seen.push(call);
            return false;
          },
          ask: (request) => {
            asked.push(request);
            return n;
          },
        });
        m.expectRun(run).toBe('(Ss) @5ms (ab) @15ms (rvesadE|)');
        m.at(30, () => {
          expect(asked).to.deep.equal([]);
          expect(seen).to.deep.equal([{ runId: 'run-1', step: 1, callId: '1.1', name: 'look', params: { at: 'door' } }]);
        });
      });
    });

    it('lets go of whoever is asked, and of the timer, where the run is left', () => {
      agentMarbles((m) => {
        const ask$ = m.cold<ApprovalDecision>('-');
        const { run } = oneCall(m, { ask: () => ask$, within: 1_000 }, '5ms (a|)');
        m.expectRun(run, '^ 19ms !').toBe('(Ss) @5ms (ag)');
        m.expectSubscriptions(ask$.subscriptions).toBe('5ms ^ 14ms !');
        m.at(21, () => expect(m.pendingTimers()).to.deep.equal([]));
      });
    });

    const denials: Readonly<Record<string, readonly [() => unknown, string | RegExp]>> = {
      'completes without a decision': [() => EMPTY, /ended without a decision/],
      fails: [
        () => throwError(() => new Error('the phone is dead, api_key=abcdefgh12345678')),
        /^the phone is dead, api_key=\[redacted\]$/,
      ],
      throws: [
        () => {
          throw new Error('no phone');
        },
        'no phone',
      ],
      'gives nothing': [() => undefined, /no decision/],
      'gives a decision of another kind': [() => of({ decision: 'maybe' }), /no decision/],
      'gives a reason that is no text': [() => ({ decision: 'deny', reason: { code: 5 } }), '{"code":5}'],
      'edits the parameters into what is no JSON': [
        () => ({ decision: 'edit', params: { at: () => 1 } }),
        /^the edited parameters cannot be used: .*function/,
      ],
      'edits the parameters into a list': [() => ({ decision: 'edit', params: ['window'] }), /^the edited parameters cannot be used: /],
      'edits without parameters': [() => ({ decision: 'edit' }), /^the edited parameters cannot be used: /],
    };
    for (const [what, [ask, reason]] of Object.entries(denials)) {
      it(`is denied where the question ${what}`, () => {
        const events: StreamEvent[] = [];
        orchestrate({
          actor: scriptedActor([act, 'DONE']),
          environment: toolEnvironment({ tools: [tool({ name: 'look', run: () => 'seen' })] }),
          approve: { ask: ask as ApproveConfig['ask'] },
        })
          .runTaskStream({ purpose: 'p' })
          .subscribe((event) => events.push(event));
        const decision = events.find(({ type }) => type === 'approval_decision');
        expect(decision?.data).to.have.property('decision', 'deny');
        expect(decision?.data)
          .to.have.property('reason')
          .that.matches(typeof reason === 'string' ? new RegExp(`^${reason.replace(/[{}]/g, '\\$&')}$`) : reason);
        expect(events.find(({ type }) => type === 'tool_end')?.data).to.have.property('ok', false);
      });
    }

    it('is denied where it cannot be told whether it needs leave, and nobody is asked', () => {
      agentMarbles((m) => {
        const { run } = oneCall(m, {
          when: () => {
            throw new Error('no list');
          },
          ask: () => {
            throw new Error('asked');
          },
        });
        m.expectRun(run).toBe('(Ss) @5ms (agGbrvesadE|)', { G: { data: { decision: 'deny', reason: 'approve.when failed: no list' } } });
      });
    });

    const unclear: Readonly<Record<string, unknown>> = {
      'a Promise': Promise.resolve(false),
      'an Observable': of(true),
      'what was found': ['door'],
      'a text': 'no',
      nothing: undefined,
      'an empty text': '',
      'a number': 0,
    };
    for (const [what, found] of Object.entries(unclear)) {
      it(`is denied where whether it needs leave is ${what}, and nobody is asked`, () => {
        agentMarbles((m) => {
          const { look, run } = oneCall(m, {
            when: (() => found) as unknown as NonNullable<ApproveConfig['when']>,
            ask: () => {
              throw new Error('asked');
            },
          });
          m.expectRun(run).toBe('(Ss) @5ms (agGbrvesadE|)', {
            G: { data: { callId: '1.1', decision: 'deny', reason: 'approve.when has to give true or false, and at once' } },
          });
          m.expectCalls(look).toBe('');
        });
      });
    }

    it('drops a key __proto__ from what was edited', () => {
      const params = JSON.parse('{ "at": "window", "__proto__": { "admin": true } }') as ApprovalRequest['params'];
      agentMarbles((m) => {
        const { run } = oneCall(m, { ask: () => ({ decision: 'edit', params }) });
        m.expectRun(run).toBe('(Ss) @5ms (agGb) @15ms (rvesadE|)');
        const told: unknown[] = [];
        run.pipe(ofType('approval_decision')).subscribe(({ data }) => told.push(Object.keys(Object(data.params))));
        m.at(30, () => expect(told).to.deep.equal([['at']]));
      });
    });
  });

  describe('of calls side by side', () => {
    it('gates each alone, so that its siblings go on', () => {
      agentMarbles((m) => {
        const answers: Readonly<Record<string, string>> = { look: '30ms y', take: '10ms n', open: '20ms x' };
        const { run } = threeCalls(m, { when: ({ name }) => name !== 'look', ask: ({ name }) => m.cold(answers[name] ?? '', { y, n, x }) });
        m.expectRun(run).toBe('(Ssabgg) @10ms (rGcq) @20ms (Hd) @30ms (zvesaiE|)', {
          b: { type: 'tool_start', data: { callId: '1.1' } },
          r: { type: 'tool_end', data: { callId: '1.1', ok: true } },
          G: { data: { callId: '1.2', decision: 'deny' } },
          c: { type: 'tool_start', data: { callId: '1.2' } },
          q: { type: 'tool_end', data: { callId: '1.2', ok: false, error: 'denied: too late at night' } },
          H: { type: 'approval_decision', data: { callId: '1.3', decision: 'edit' } },
          d: { type: 'tool_start', data: { callId: '1.3', params: { at: 'window' } } },
          z: { type: 'tool_end', data: { callId: '1.3', ok: true } },
          i: { type: 'done' },
        });
      });
    });

    it('keeps in the trajectory which of them were edited', () => {
      agentMarbles((m) => {
        const { run } = threeCalls(m, { ask: ({ name }) => (name === 'take' ? x : y) });
        const params = { calls: calls.map((call) => (call.name === 'take' ? { name: 'take', params: { at: 'window' } } : call)) };
        m.expectTrajectory(run).toMatch({ steps: [{ action: { name: 'parallel', params } }] });
      });
    });

    it('hears who answers each of them by a Subject', () => {
      agentMarbles((m) => {
        const { decisions$, ask } = desk();
        const { run } = threeCalls(m, { ask });
        m.expectEvents(run, ['approval_request', 'approval_decision', 'tool_start']).toBe('(ggg) @5ms (Gb) @6ms (Hc) @9ms (Id) @19ms |', {
          G: { data: { callId: '1.3' } },
          b: { data: { callId: '1.3' } },
          H: { type: 'approval_decision', data: { callId: '1.1' } },
          c: { type: 'tool_start', data: { callId: '1.1' } },
          I: { type: 'approval_decision', data: { callId: '1.2' } },
          d: { type: 'tool_start', data: { callId: '1.2' } },
        });
        m.at(5, () => decisions$.next({ callId: '1.3', decision: 'approve' }));
        m.at(6, () => decisions$.next({ callId: '1.1', decision: 'approve' }));
        m.at(7, () => decisions$.next({ callId: '1.1', decision: 'deny' }));
        m.at(8, () => decisions$.next({ callId: '1.3', decision: 'edit', params: {} }));
        m.at(9, () => decisions$.next({ callId: '1.2', decision: 'approve' }));
        m.at(10, () => expect(decisions$.observed).to.equal(false));
      });
    });
  });

  describe('with an environment that does not ask by itself', () => {
    it('waits for the call', () => {
      agentMarbles((m) => {
        const { environment, run } = world(m, act, { ask: () => m.cold('10ms y', { y }) });
        m.expectRun(run).toBe('(Ssag) @10ms G @20ms (vesadE|)', { g: { data: { callId: '1.1' } } });
        m.expectCalls(environment).toBe('10ms ^ 9ms !');
      });
    });

    it('hands it the action as it was edited', () => {
      const executed: unknown[] = [];
      orchestrate({
        actor: scriptedActor([parallel, 'DONE']),
        environment: counting({
          execute: (action, state) => {
            executed.push(action.params);
            return state;
          },
        }),
        approve: { ask: ({ name }) => (name === 'open' ? x : y) },
      })
        .runTask({ purpose: 'p' })
        .subscribe();
      expect(executed).to.deep.equal([{ calls: [calls[0], calls[1], { name: 'open', params: { at: 'window' } }] }]);
    });

    it('does not execute what is denied, and goes on as after any failure', () => {
      agentMarbles((m) => {
        const { environment, run } = world(m, act, { ask: () => m.cold('10ms n', { n }) }, '');
        m.expectRun(run).toBe('(Ssag) @10ms (GxvesadE|)', {
          x: { data: { error: 'denied: too late at night' } },
          e: { data: { state: { data: { _error: 'denied: too late at night' } } } },
        });
        m.expectCalls(environment).toBe('');
      });
    });

    it('waits for all calls of an action, and executes it where none is denied', () => {
      agentMarbles((m) => {
        const answers: Readonly<Record<string, string>> = { look: '30ms y', take: '10ms y', open: '20ms x' };
        const { run } = world(m, parallel, { ask: ({ name }) => m.cold(answers[name] ?? '', { y, x }) });
        m.expectRun(run).toBe('(Ssaggg) @10ms G @20ms G @30ms G @40ms (vesadE|)');
      });
    });

    it('says of which calls it was denied', () => {
      agentMarbles((m) => {
        const { run } = world(m, parallel, { ask: ({ name }) => (name === 'take' ? y : { decision: 'deny', reason: `no ${name}` }) }, '');
        m.expectRun(run).toBe('(SsagGgGgGxvesadE|)', { x: { data: { error: 'denied: look (1.1): no look; open (1.3): no open' } } });
      });
    });

    it('asks nobody about a call that makes no sense, and does not execute it', () => {
      agentMarbles((m) => {
        const bad = decided({ name: 'parallel', params: { calls: [{ name: 'look' }, { params: {} }] } });
        const { run } = world(m, bad, { when: () => false, ask: () => n }, '');
        const error = 'denied: parallel (1.2): bad parameters of call 2: /name: expected string, got nothing';
        m.expectRun(run).toBe('(SsaxvesadE|)', { x: { data: { error } } });
      });
    });

    it('asks about no further call where the run is stopped by who hears of the one before', () => {
      const asked: string[] = [];
      const ask = ({ callId }: ApprovalRequest) => {
        asked.push(callId);
        return NEVER;
      };
      const run = orchestrate({ actor: scriptedActor([parallel]), environment: counting(), approve: { ask } }).runTaskStream({
        purpose: 'p',
      });
      run.subscribe(({ type }) => {
        if (type === 'approval_request') run.cancel();
      });
      expect(asked).to.deep.equal(['1.1']);
    });

    it('lets go of all that are asked where the run is left', () => {
      agentMarbles((m) => {
        const asks = ['look', 'take', 'open'].map((name) => ({ name, ask$: m.cold<ApprovalDecision>('-') }));
        const ask = ({ name }: ApprovalRequest): Observable<ApprovalDecision> => asks.find((one) => one.name === name)?.ask$ ?? NEVER;
        const { run } = world(m, parallel, { ask, within: 500 }, '', 'a');
        m.expectRun(run, '^ 9ms !').toBe('(Ssaggg)');
        for (const { ask$ } of asks) m.expectSubscriptions(ask$.subscriptions).toBe('^ 9ms !');
        m.at(11, () => expect(m.pendingTimers()).to.deep.equal([]));
      });
    });
  });

  describe('whoever answers while they take the event', () => {
    it('is heard: the request is told when somebody listens', () => {
      const { decisions$, ask } = desk();
      const run = orchestrate({
        actor: scriptedActor([act, 'DONE']),
        environment: toolEnvironment({ tools: [tool({ name: 'look', run: () => 'seen' })] }),
        approve: { ask },
      }).runTaskStream({ purpose: 'p' });
      const types: string[] = [];
      run.subscribe(({ type, data }) => {
        types.push(type);
        if (type === 'approval_request') decisions$.next({ callId: data.callId, decision: 'approve' });
      });
      expect(types.slice(2, 7)).to.deep.equal(['action', 'approval_request', 'approval_decision', 'tool_start', 'tool_end']);
      expect(decisions$.observed).to.equal(false);
    });

    for (const at of ['approval_request', 'approval_decision'] as const) {
      it(`still stops the run at ${at}, before the call begins`, () => {
        let begun = 0;
        const run = orchestrate({
          actor: scriptedActor([act]),
          environment: toolEnvironment({ tools: [tool({ name: 'look', run: () => (begun += 1) })] }),
          approve: { ask: () => y },
        }).runTaskStream({ purpose: 'p' });
        const types: string[] = [];
        run.subscribe(({ type }) => {
          types.push(type);
          if (type === at) run.cancel();
        });
        expect(types.slice(-2)).to.deep.equal([at, 'task_end']);
        expect(begun).to.equal(0);
      });
    }

    it('still stops the run before the call begins, where the decision was caused by what they took', () => {
      let begun = 0;
      const { decisions$, ask } = desk();
      const run = orchestrate({
        actor: scriptedActor([parallel]),
        environment: toolEnvironment({ tools: ['look', 'take', 'open'].map((name) => tool({ name, run: () => (begun += 1) })) }),
        approve: { ask },
      }).runTaskStream({ purpose: 'p' });
      run.subscribe(({ type, data }) => {
        if (type === 'approval_request' && data.callId === '1.3') decisions$.next({ callId: '1.1', decision: 'approve' });
        if (type === 'approval_decision') run.cancel();
      });
      expect(begun).to.equal(0);
    });
  });

  it('reports nothing of its own among what an environment reports', () => {
    agentMarbles((m) => {
      const environment = m.environment('(os|)', { o: signal('looked', {}) });
      const run = m.run({ actor: m.actor(['a', 'd']), environment, approve: { ask: () => y } });
      m.expectRun(run).toBe('(SsagGovesadE|)');
    });
  });

  it('is part of what a run is, step by step', () => {
    const request = eventOf('approval_request', 1, { callId: '1.1', name: 'look', params: {} });
    const decision = eventOf('approval_decision', 1, { callId: '1.1', ...y });
    const events = [taskStart, stepStart(1), actionOf('look', 1), request, decision, scoreOf(1, 1), stepEnd(1), stepStart(2)];
    const approvals = events.map((_event, index) => [...foldRun(numbered(...events.slice(0, index + 1))).approvals.values()]);
    expect(approvals).to.deep.equal([[], [], [], [null], [decision.data], [decision.data], [decision.data], []]);
  });

  it('asks nobody again about a call that has been decided on before the run was resumed', () => {
    const types: string[] = [];
    const control: RunControl = { runId: 'r', whenIdle: (project) => project(), tell: ({ type }) => types.push(type) };
    const call = { callId: '1.1', name: 'look', params: { at: 'door' } };
    const approvals: unknown[] = [];
    for (const decision of [y, n, x, null]) {
      const run = createRunState();
      run.approvals.set('1.1', decision === null ? null : { callId: '1.1', ...readDecision(decision) });
      approveCall({ config: { ask: () => n }, run, control, step: 1, scheduler: asyncScheduler }, call).subscribe((approval) =>
        approvals.push(approval),
      );
    }
    expect(approvals).to.deep.equal([
      { isApproved: true, params: { at: 'door' } },
      { isApproved: false, reason: 'too late at night' },
      { isApproved: true, params: { at: 'window' } },
      { isApproved: false, reason: 'too late at night' },
    ]);
    expect(types).to.deep.equal(['approval_request', 'approval_decision']);
  });

  const bad: Readonly<Record<string, unknown>> = {
    'no question': {},
    'a filter that is none': { ask: () => y, when: 'look' },
    'a time of 0': { ask: () => y, within: 0 },
    'a time that is no number': { ask: () => y, within: Number.NaN },
    'a time that no timer holds': { ask: () => y, within: 2 ** 31 },
  };
  for (const [what, approve] of Object.entries(bad)) {
    it(`is refused at the door with ${what}`, () => {
      expect(() => createOrchestrator({ ...quietPorts(), approve: approve as ApproveConfig })).to.throw(ContractError, 'approve.');
    });
  }

  it('is refused at the door where it is no configuration', () => {
    for (const approve of [null, 'all', [], () => y])
      expect(() => createOrchestrator({ ...quietPorts(), approve: approve as never })).to.throw(ContractError, 'approve has to be { ask }');
  });

  it('denies where a log tells of an edit and not of what', () => {
    const call = { params: { at: 'door' } };
    expect(approvalOf({ decision: 'edit' }, call)).to.deep.equal({ isApproved: false, reason: 'no reason was given' });
    expect(approvalOf({ decision: 'edit', params: 'window' }, call)).to.have.property('isApproved', false);
  });
});
