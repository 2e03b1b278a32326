import { expect } from 'chai';
import { EMPTY, of, throwError } from 'rxjs';
import { describeState } from '../../lib/domain/state.js';
import type { StreamEvent, StreamEventData, StreamEventType } from '../../lib/domain/stream-event.js';
import type { Task } from '../../lib/domain/task.js';
import { decided, scored, signal, token } from '../../lib/domain/signal.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { ofType } from '../../lib/operators/of-type.js';
import type { AgentRun } from '../../lib/orchestrator/agent-run.js';
import { createOrchestrator, type OrchestratorConfig } from '../../lib/orchestrator/orchestrator.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { quietPorts } from '../../lib/testing/marbles/quiet-ports.js';
import { scriptedEnvironment } from '../../lib/testing/scripts/scripted-environment.js';
import { orchestrate } from '../support/orchestrate.js';
import { counting, typesOf } from '../support/ports.js';

const task: Task = { purpose: 'count up' };
const look = decided({ name: 'look' });

/** The data of all events of a type that a run tells at once. */
const dataOf = <Type extends StreamEventType>(run: AgentRun, type: Type): StreamEventData<Type>[] => {
  const data: StreamEventData<Type>[] = [];
  run
    .from(0)
    .pipe(ofType(type))
    .subscribe({ next: (event) => data.push(event.data as StreamEventData<Type>), error: () => undefined });
  return data;
};

const errorOf = (run: AgentRun): unknown => {
  let failure: unknown;
  run.subscribe({ error: (error: unknown) => (failure = error) });
  return failure;
};

describe('createOrchestrator', () => {
  describe('the event sequences of a run', () => {
    for (const name of ['DONE', 'done', 'Done', 'dOnE']) {
      it(`ends at ${name} and executes, scores and appends nothing after it`, () => {
        agentMarbles((m) => {
          const actor = m.actor(['(a|)', '(d|)'], { d: decided({ name, params: { answer: 42 } }) });
          const run = m.run({ actor, environment: m.environment(['(s|)']), purposeFunction: m.purposeFunction(['(1|)']) });
          m.expectRun(run).toBe('(SsavesadE|)');
          const end = { totalSteps: 1, cumulativeReward: 1, successRate: 1, finalPhi: 1, stopReason: 'done' };
          expect(dataOf(run, 'task_end')).to.deep.equal([end]);
        });
      });
    }

    it('gives what DONE carries as the answer', () => {
      agentMarbles((m) => {
        const actor = m.actor('(d|)', { d: decided({ name: 'done', params: { answer: { at: 'x.ts:3' } } }) });
        m.expectResult(m.run({ actor })).toEqual({
          runId: 'run-1',
          trajectory: { purpose: 'test', steps: [], cumulativeReward: 0, successRate: 0, finalPhi: 0 },
          stopReason: 'done',
          finalState: { data: {} },
          answer: { at: 'x.ts:3' },
          usage: { inputTokens: 0, outputTokens: 0 },
        });
      });
    });

    it('stops early at a Φ that is high enough', () => {
      agentMarbles((m) => {
        const run = m.run({ actor: m.actor('(a|)'), purposeFunction: m.purposeFunction(['(3|)', '(9|)']) });
        m.expectRun(run).toBe('(SsavesaveyE|)', {
          y: { data: { phi: 9 } },
          E: { data: { stopReason: 'early_stop', finalPhi: 9, totalSteps: 2 } },
        });
      });
    });

    it('stops where the environment says that the state is terminal', () => {
      agentMarbles((m) => {
        const environment = scriptedEnvironment([{ data: { n: 1 } }, { data: { n: 2 } }], {
          initialState: { data: { n: 0 } },
          isTerminal: ({ data }) => of(data.n === 2),
        });
        m.expectRun(m.run({ actor: m.actor('(a|)'), environment })).toBe('(SsavesaveTE|)', { E: { data: { stopReason: 'terminal' } } });
        m.flush();
        environment.verify();
      });
    });

    it('looks at the early stop before the terminal state, which it does not ask for then', () => {
      agentMarbles((m) => {
        let asked = 0;
        const environment = counting({ isTerminal: () => ((asked += 1), true) });
        const run = m.run({ actor: m.actor('(a|)'), purposeFunction: m.purposeFunction('(v|)', { v: 9.5 }), environment });
        m.expectRun(run).toBe('(SsaveyE|)');
        m.flush();
        expect(asked).to.equal(0);
      });
    });

    it('never stops early where that is turned off', () => {
      agentMarbles((m) => {
        const purposeFunction = m.purposeFunction('(v|)', { v: 10 });
        m.expectRun(m.run({ actor: m.actor('(a|)'), purposeFunction, earlyStopPhi: null, maxSteps: 2 })).toBe('(SsavesaveE|)');
      });
    });

    it('stops at the step limit', () => {
      agentMarbles((m) => {
        const run = m.run({ actor: m.actor('(a|)'), maxSteps: 3 });
        m.expectRun(run).toBe('(SsavesavesaveE|)', { E: { data: { stopReason: 'max_steps', totalSteps: 3 } } });
      });
    });

    it('takes 20 steps and stops at Φ 9 where the task does not say', () => {
      agentMarbles((m) => {
        const run = m.run({ actor: m.actor('(a|)'), environment: counting(), ...task });
        expect(dataOf(run, 'task_start')).to.deep.equal([
          { purpose: 'count up', maxSteps: 20, earlyStopPhi: 9, initialState: { data: { n: 0 } } },
        ]);
        expect(dataOf(run, 'step_start')).to.have.length(20);
      });
    });

    it('takes no step at a limit of 0', () => {
      agentMarbles((m) => {
        const run = m.run({ actor: m.actor([]), maxSteps: 0 });
        m.expectRun(run).toBe('(SE|)');
        const end = { totalSteps: 0, cumulativeReward: 0, successRate: 0, finalPhi: 0, stopReason: 'max_steps' };
        expect(dataOf(run, 'task_end')).to.deep.equal([end]);
      });
    });

    it('goes on with the state before plus _error where the environment fails, and scores that', () => {
      agentMarbles((m) => {
        const purposeFunction = m.purposeFunction(['(0|)']);
        const run = m.run({
          actor: m.actor(['(a|)', '(d|)']),
          environment: m.environment(['#'], {}, new Error('the disk is full')),
          purposeFunction,
          initialState: { data: { n: 7 }, summary: 'seven' },
        });
        m.expectRun(run).toBe('(SsaxvesadE|)', { x: { data: { error: 'the disk is full' } } });
        const [stepEnd] = dataOf(run, 'step_end');
        expect(stepEnd?.state).to.deep.equal({ data: { n: 7, _error: 'the disk is full' }, summary: 'seven' });
        expect(purposeFunction.calls.map(({ stateAfter }) => stateAfter)).to.deep.equal([stepEnd?.state]);
      });
    });

    it('fills in source, channel and attempt of tokens and usage', () => {
      agentMarbles((m) => {
        const actor = m.actor(['(hsua|)'], {
          h: 'hm',
          s: token('so', { channel: 'reasoning', attempt: 2 }),
          u: { type: 'usage', usage: { inputTokens: 3, outputTokens: 2 } },
        });
        const run = m.run({ actor, purposeFunction: m.purposeFunction(['(gv|)'], { g: 'good', v: 10 }) });
        expect(dataOf(run, 'token')).to.deep.equal([
          { token: 'hm', source: 'actor', channel: 'thought', attempt: 1 },
          { token: 'so', source: 'actor', channel: 'reasoning', attempt: 2 },
          { token: 'good', source: 'purpose', channel: 'evidence', attempt: 1 },
        ]);
        expect(dataOf(run, 'usage')).to.deep.equal([{ source: 'actor', inputTokens: 3, outputTokens: 2 }]);
      });
    });

    it('passes on what an environment reports, types of its own included', () => {
      agentMarbles((m) => {
        const environment = m.environment(['(lbs|)'], {
          l: signal('page_loaded', { url: 'a' }),
          b: signal('tool_start', { callId: '1', name: 'x', params: {} }),
        });
        const run = m.run({ actor: m.actor(['(a|)', '(d|)']), environment });
        m.expectRun(run).toBe('(SsalbvesadE|)', {
          l: { type: 'page_loaded', data: { url: 'a' } },
          b: { data: { callId: '1', name: 'x' } },
        });
      });
    });

    it('ignores what comes after the first action, state and score', () => {
      agentMarbles((m) => {
        const run = m.run({
          actor: m.actor(['(ata|)', '(dta|)']),
          environment: m.environment(['(sln|)'], { l: signal('late', {}), n: { data: { n: 99 } } }),
          purposeFunction: m.purposeFunction(['(19|)']),
        });
        m.expectRun(run).toBe('(SsavesadE|)', { E: { data: { finalPhi: 1 } } });
        expect(dataOf(run, 'step_end')[0]?.state).to.deep.equal({ data: {} });
      });
    });

    it('numbers the steps, and what stands outside of them with 0', () => {
      agentMarbles((m) => {
        const steps: number[] = [];
        m.run({ actor: m.actor('(a|)'), maxSteps: 2 }).subscribe(({ step }) => steps.push(step));
        expect(steps).to.deep.equal([0, 1, 1, 1, 1, 2, 2, 2, 2, 0]);
      });
    });
  });

  describe('what the ports are told', () => {
    it('shows the actor its history as text', () => {
      agentMarbles((m) => {
        const actor = m.actor(['(l|)', '(w|)', '(d|)'], {
          l: decided({ name: 'look', params: { at: 'door' } }),
          w: decided({ name: 'wait' }),
        });
        m.run({ actor, environment: counting(), purposeFunction: m.purposeFunction(['(v|)', '(1|)'], { v: 2.5 }) }).subscribe();
        expect(actor.calls[2]?.history).to.deep.equal([
          { action: 'look({"at":"door"})', result: '{"n":1}', score: 'Δ=+2.50' },
          { action: 'wait({})', result: '{"n":2}', score: 'Δ=-1.50' },
        ]);
      });
    });

    it('shows the actor the tool calls of its earlier steps', () => {
      agentMarbles((m) => {
        const actor = m.actor(['(a|)', '(d|)'], { a: look });
        const environment = m.environment(['(brs|)'], {
          b: signal('tool_start', { callId: '1.1', name: 'look', params: { at: 'x' } }),
          r: signal('tool_end', { callId: '1.1', name: 'look', ok: true, output: 'a door' }),
        });
        m.run({ actor, environment }).subscribe();
        expect(actor.calls[1]?.turns.map(({ action, calls }) => [action.name, calls])).to.deep.equal([
          ['look', [{ callId: '1.1', name: 'look', params: { at: 'x' }, result: { ok: true, output: 'a door' } }]],
        ]);
      });
    });

    it('gives the environment ids for calls that are unique in the run, however often it asks', () => {
      agentMarbles((m) => {
        const ids: (string | undefined)[] = [];
        const environment = counting({
          execute: (_action, state, context) => {
            ids.push(context?.createCallId(), context?.createCallId());
            return state;
          },
        });
        m.run({ actor: m.actor('(a|)'), environment, maxSteps: 2 }).subscribe();
        expect(ids).to.deep.equal(['1.1', '1.2', '2.1', '2.2']);
      });
    });

    it('cuts summaries at 200 units and never through a surrogate pair', () => {
      const summary = `${'a'.repeat(199)}😀`;
      agentMarbles((m) => {
        const environment = m.environment(['(n|)'], { n: { data: {}, summary } });
        const run = m.run({ actor: m.actor(['(a|)', '(d|)']), environment });
        expect(dataOf(run, 'step_end').map(({ stateSummary }) => stateSummary)).to.deep.equal(['a'.repeat(199)]);
      });
      expect(describeState({ data: {}, summary })).to.equal(summary);
    });

    it('gives the purpose function the scores of this run so far', () => {
      agentMarbles((m) => {
        const purposeFunction = m.purposeFunction(['(0|)', '(0|)', '(0|)']);
        m.run({ actor: m.actor('(a|)'), purposeFunction, maxSteps: 3 }).subscribe();
        expect(purposeFunction.calls.map(({ scores }) => scores.length)).to.deep.equal([0, 1, 2]);
      });
    });

    it('makes delta and improved follow from Φ, whatever the purpose function says', () => {
      agentMarbles((m) => {
        const purposeFunction = m.purposeFunction(['(v|)'], {
          v: { type: 'score', score: { phiBefore: 4, phiAfter: 3, delta: 9, confidence: 0.5, evidence: 'less', improved: true } },
        });
        m.expectEvents(m.run({ actor: m.actor('(a|)'), purposeFunction, maxSteps: 1 }), 'score').toBe('(v|)', {
          v: { data: { delta: -1, improved: false } },
        });
      });
    });

    it('sums the totals', () => {
      agentMarbles((m) => {
        const purposeFunction = m.purposeFunction(['(4|)', '(2|)', '(8|)', '(8|)']);
        const end = { totalSteps: 4, cumulativeReward: 8, successRate: 0.5, finalPhi: 8, stopReason: 'max_steps' };
        expect(dataOf(m.run({ actor: m.actor('(a|)'), purposeFunction, maxSteps: 4 }), 'task_end')).to.deep.equal([end]);
      });
    });

    it('adds up the usage of all ports', () => {
      agentMarbles((m) => {
        const u = { type: 'usage', usage: { inputTokens: 10, outputTokens: 1 } } as const;
        const run = m.run({ actor: m.actor(['(ua|)', '(ud|)'], { u }), purposeFunction: m.purposeFunction(['(u1|)'], { u }) });
        m.expectResult(run).toMatch({ usage: { inputTokens: 30, outputTokens: 3 } });
      });
    });

    it('takes promises and async iterables from any port', async () => {
      const orchestrator = orchestrate({
        actor: {
          async *decide({ step }) {
            yield token('hm');
            yield decided({ name: step === 1 ? 'look' : 'DONE' });
          },
        },
        environment: {
          reset: async () => ({ data: {} }),
          execute: async (_action, state) => state,
          isTerminal: async () => false,
        },
        purposeFunction: { evaluate: async () => scored({ phiBefore: 0, phiAfter: 1 }) },
      });
      const events: StreamEvent[] = [];
      await orchestrator.runTaskStream(task).forEach((event) => events.push(event));
      expect(typesOf(events)).to.deep.equal([
        ...['task_start', 'step_start', 'token', 'action', 'score', 'step_end'],
        ...['step_start', 'token', 'action', 'done', 'task_end'],
      ]);
    });
  });

  describe('a broken contract', () => {
    const failing: readonly (readonly [what: string, config: Partial<OrchestratorConfig>, message: RegExp])[] = [
      ['an actor without an action', { actor: { decide: () => EMPTY } }, /without an action/],
      ['a purpose function without a score', { purposeFunction: { evaluate: () => EMPTY } }, /without a score/],
      [
        'a Φ out of range',
        { purposeFunction: { evaluate: () => scored({ phiBefore: 0, phiAfter: 11 }) } },
        /phiAfter: expected a number from 0 to 10, got 11/,
      ],
      ['a Φ that is NaN', { purposeFunction: { evaluate: () => scored({ phiBefore: 0, phiAfter: NaN }) } }, /phiAfter/],
      [
        'a reset that fails',
        { environment: counting({ reset: () => throwError(() => new Error('no world')) }) },
        /reset\(\) failed: no world/,
      ],
      ['a reset without a state', { environment: counting({ reset: () => EMPTY }) }, /it gave no state/],
      ['a reset whose data is not JSON', { environment: counting({ reset: () => ({ data: { at: Infinity } }) }) }, /at is Infinity/],
      [
        'a throwing isTerminal',
        {
          environment: counting({
            isTerminal: () => {
              throw new Error('lost');
            },
          }),
        },
        /isTerminal\(\) failed: lost/,
      ],
      ['an actor that gives () => EMPTY', { actor: { decide: () => undefined as never } }, /The actor gave undefined/],
      [
        'an actor that gives an action that is none',
        { actor: { decide: () => ({ type: 'action', action: { name: 5 } }) as never } },
        /name: expected string/,
      ],
      ['a purpose function that gives null', { purposeFunction: { evaluate: () => [null] as never } }, /The purpose gave null/],
      [
        'an actor that reports tools at work',
        { actor: { decide: () => [signal('tool_start', {}) as never] } },
        /tool_start, which only the engine may/,
      ],
      ['a token of no attempt', { actor: { decide: () => [token('x', { attempt: NaN })] } }, /attempt NaN/],
      ['a token in no channel', { actor: { decide: () => [token('x', { channel: 5 as never })] } }, /channel that is no text/],
      ['a token that is no text', { actor: { decide: () => [token(5 as never)] } }, /no text but number/],
      [
        'a usage that is none',
        { actor: { decide: () => [{ type: 'usage', usage: { inputTokens: NaN, outputTokens: 1 } }] } },
        /inputTokens/,
      ],
      [
        'an actor that reports what only the engine may',
        { actor: { decide: () => [{ type: 'task_end' } as never] } },
        /task_end, which only the engine may/,
      ],
    ];
    for (const [what, config, message] of failing) {
      it(`fails the run at ${what}`, () => {
        agentMarbles((m) => {
          const run = m.run({ actor: m.actor('(a|)'), ...config });
          const error = errorOf(run);
          expect(error).to.be.instanceOf(ContractError);
          expect((error as ContractError).message).to.match(message);
          const [end] = dataOf(run, 'task_end');
          expect(end?.stopReason).to.equal('failed');
          expect(end?.error).to.deep.equal({ _tag: 'ContractError', message: (error as ContractError).message, isRetryable: false });
        });
      });
    }

    it('says so in task_start where reset failed', () => {
      agentMarbles((m) => {
        const run = m.run({ environment: counting({ reset: () => throwError(() => new Error('no world')) }) });
        m.expectRun(run).toBe('(SE#)', { S: { data: { initialState: null } } });
      });
    });

    const environmentErrors: readonly (readonly [what: string, execute: () => never, text: RegExp])[] = [
      ['no state', (() => EMPTY) as () => never, /no state after look/],
      ['a state that is not JSON', (() => ({ data: { when: new Date(0) } })) as () => never, /when is a Date/],
      ['null', (() => null) as () => never, /no state/],
      ['a report without a type in words', (() => ({ type: 5 })) as () => never, /type is number/],
      ['an event of the engine', (() => signal('task_end', {})) as () => never, /only the engine may/],
      ['a tool_end without a name', (() => signal('tool_end', { callId: '1', ok: true })) as () => never, /name/],
    ];
    for (const [what, execute, text] of environmentErrors) {
      it(`makes ${what} from execute an error of the environment`, () => {
        agentMarbles((m) => {
          const run = m.run({ actor: m.actor(['(a|)', '(d|)'], { a: look }), environment: counting({ execute }) });
          m.expectRun(run).toBe('(SsaxvesadE|)', { E: { data: { stopReason: 'done' } } });
          expect(dataOf(run, 'error')[0]?.error).to.match(text);
        });
      });
    }

    it('takes of a state its data and its summary, and nothing that is attached to it', () => {
      agentMarbles((m) => {
        const attached = { when: new Date(0), big: 1n, summary: undefined };
        const environment = counting({
          reset: () => ({ data: { n: 0 }, ...attached }) as never,
          execute: () => ({ data: { n: 1 }, ...attached }) as never,
        });
        const run = m.run({ actor: m.actor(['(a|)', '(d|)']), environment });
        m.expectRun(run).toBe('(SsavesadE|)');
        expect(dataOf(run, 'task_start')[0]?.initialState).to.deep.equal({ data: { n: 0 } });
        expect(dataOf(run, 'step_end')[0]?.state).to.deep.equal({ data: { n: 1 } });
        const given = m.run({ initialState: { data: { n: 5 }, ...attached } as never });
        expect(dataOf(given, 'task_start')[0]?.initialState).to.deep.equal({ data: { n: 5 } });
      });
    });

    it('hears one initial state and one word on whether a state is terminal', () => {
      agentMarbles((m) => {
        const environment = counting({
          reset: () => of({ data: { n: 7 } }, { data: { n: 8 } }),
          isTerminal: () => of(true, false, true),
        });
        const run = m.run({ actor: m.actor(['(a|)']), environment });
        m.expectRun(run).toBe('(SsaveTE|)');
        expect(dataOf(run, 'step_end')[0]?.state).to.deep.equal({ data: { n: 8 } });
      });
    });

    it('errors with the very error of the actor, and describes it in task_end', () => {
      agentMarbles((m) => {
        const cause = new TypeError('the model is gone');
        const run = m.run({ actor: m.actor('#', {}, cause) });
        expect(errorOf(run)).to.equal(cause);
        expect(dataOf(run, 'task_end')[0]?.error).to.deep.equal({
          _tag: 'TypeError',
          message: 'the model is gone',
          isRetryable: false,
        });
      });
    });

    const badTasks: readonly (readonly [task: Task, message: RegExp])[] = [
      [{ purpose: ' ' }, /purpose: expected a purpose in words/],
      [{ purpose: 'x', maxSteps: 1.5 }, /maxSteps: expected a whole number from 0, got 1.5/],
      [{ purpose: 'x', maxSteps: Infinity }, /maxSteps/],
      [{ purpose: 'x', earlyStopPhi: 11 }, /earlyStopPhi/],
      [{ purpose: 'x', initialState: { data: { a: () => 1 } as never } }, /a is function/],
    ];
    for (const [bad, message] of badTasks) {
      it(`refuses the task ${JSON.stringify(bad)} at the door`, () => {
        expect(() => orchestrate().runTaskStream(bad)).to.throw(ContractError, message);
      });
    }

    it('refuses numbers that make no sense at the door', () => {
      expect(() => orchestrate({ retainEvents: -1 })).to.throw(ContractError, /retainEvents is -1/);
      expect(() => orchestrate({ recallWithin: NaN })).to.throw(ContractError, /recallWithin is NaN/);
      expect(() => orchestrate({ recallWithin: Infinity })).to.throw(ContractError, /recallWithin is Infinity/);
    });
  });

  describe('events$', () => {
    it('is the events of all runs, goes on after one that failed, and starts none', () => {
      const seen: string[] = [];
      const orchestrator = orchestrate({ actor: { decide: ({ purpose }) => (purpose === 'fail' ? EMPTY : decided({ name: 'DONE' })) } });
      orchestrator.events$.subscribe(({ runId, type }) => seen.push(`${runId} ${type}`));
      const failing = orchestrator.runTaskStream({ purpose: 'fail' });
      expect(seen).to.deep.equal([]);
      failing.subscribe({ error: () => undefined });
      orchestrator.runTask({ purpose: 'go on' }).subscribe();
      expect(seen).to.deep.equal([
        ...['run-1 task_start', 'run-1 step_start', 'run-1 task_end'],
        ...['run-2 task_start', 'run-2 step_start', 'run-2 action', 'run-2 done', 'run-2 task_end'],
      ]);
    });
  });

  it('makes a random id where none is injected', () => {
    const orchestrator = createOrchestrator(quietPorts());
    const ids = [orchestrator.runTaskStream(task).runId, orchestrator.runTaskStream(task).runId];
    expect(ids[0]).to.match(/^[\da-f-]{36}$/);
    expect(ids[0]).to.not.equal(ids[1]);
  });
});
