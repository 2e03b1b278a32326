import { expect } from 'chai';
import { of, throwError } from 'rxjs';
import { describeState } from '../../lib/domain/state.js';
import type { StreamEvent, StreamEventOf, StreamEventType } from '../../lib/domain/stream-event.js';
import type { Task } from '../../lib/domain/task.js';
import { decided, scored, signal, token } from '../../lib/domain/signal.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { createOrchestrator, type OrchestratorConfig } from '../../lib/orchestrator/orchestrator.js';
import { orchestrate } from '../support/orchestrate.js';
import { actingOut, counting, judging, nothing, ports, typesOf } from '../support/ports.js';

const task: Task = { purpose: 'count up' };

/** The events of a synchronous run, and the error it ended with. */
const eventsOf = (config: Partial<OrchestratorConfig>, overrides: Partial<Task> = {}): { events: StreamEvent[]; error?: unknown } => {
  const outcome: { events: StreamEvent[]; error?: unknown } = { events: [] };
  orchestrate(ports(config))
    .runTaskStream({ ...task, ...overrides })
    .subscribe({ next: (event) => outcome.events.push(event), error: (error: unknown) => (outcome.error = error) });
  return outcome;
};

const only = <Type extends StreamEventType>(events: readonly StreamEvent[], type: Type): StreamEventOf<Type>[] =>
  events.filter((event): event is StreamEventOf<Type> => event.type === type);

const endOf = (events: readonly StreamEvent[]) => only(events, 'task_end').at(-1)?.data;
const STEP = ['step_start', 'action', 'score', 'step_end'];

describe('createOrchestrator', () => {
  describe('the event sequences of a run', () => {
    for (const name of ['DONE', 'done', 'Done', 'dOnE']) {
      it(`ends at ${name} and executes, scores and appends nothing after it`, () => {
        let executed = 0;
        const environment = counting({
          execute: (_action, state) => {
            executed += 1;
            return state;
          },
        });
        const { events } = eventsOf({ actor: actingOut('look', { name, params: { answer: 42 } }), environment });
        expect(typesOf(events)).to.deep.equal(['task_start', ...STEP, 'step_start', 'action', 'done', 'task_end']);
        expect(executed).to.equal(1);
        expect(endOf(events)).to.deep.equal({ totalSteps: 1, cumulativeReward: 1, successRate: 1, finalPhi: 1, stopReason: 'done' });
      });
    }

    it('gives what DONE carries as the answer', () => {
      const answers: unknown[] = [];
      orchestrate(ports({ actor: actingOut({ name: 'done', params: { answer: { at: 'x.ts:3' } } }) }))
        .runTask(task)
        .subscribe(({ answer, stopReason }) => answers.push(answer, stopReason));
      expect(answers).to.deep.equal([{ at: 'x.ts:3' }, 'done']);
    });

    it('stops early at a Φ that is high enough', () => {
      const { events } = eventsOf({ actor: actingOut('look'), purposeFunction: judging(3, 9) });
      expect(typesOf(events)).to.deep.equal(['task_start', ...STEP, ...STEP, 'early_stop', 'task_end']);
      expect(only(events, 'early_stop')[0]?.data).to.deep.equal({ phi: 9 });
      expect(endOf(events)).to.deep.include({ stopReason: 'early_stop', finalPhi: 9, totalSteps: 2 });
    });

    it('stops where the environment says that the state is terminal', () => {
      const { events } = eventsOf({ actor: actingOut('look'), environment: counting({ isTerminal: ({ data }) => of(data['n'] === 2) }) });
      expect(typesOf(events)).to.deep.equal(['task_start', ...STEP, ...STEP, 'terminal', 'task_end']);
      expect(endOf(events)?.stopReason).to.equal('terminal');
    });

    it('looks at the early stop before the terminal state, which it does not ask for then', () => {
      let asked = 0;
      const environment = counting({ isTerminal: () => ((asked += 1), true) });
      const { events } = eventsOf({ actor: actingOut('look'), purposeFunction: judging(9.5), environment });
      expect(typesOf(events)).to.deep.equal(['task_start', ...STEP, 'early_stop', 'task_end']);
      expect(asked).to.equal(0);
    });

    it('never stops early where that is turned off', () => {
      const { events } = eventsOf({ actor: actingOut('look'), purposeFunction: judging(10) }, { earlyStopPhi: null, maxSteps: 2 });
      expect(typesOf(events)).to.deep.equal(['task_start', ...STEP, ...STEP, 'task_end']);
    });

    it('stops at the step limit', () => {
      const { events } = eventsOf({ actor: actingOut('look') }, { maxSteps: 3 });
      expect(typesOf(events)).to.deep.equal(['task_start', ...STEP, ...STEP, ...STEP, 'task_end']);
      expect(endOf(events)).to.deep.include({ stopReason: 'max_steps', totalSteps: 3 });
    });

    it('takes 20 steps and stops at Φ 9 where the task does not say', () => {
      const { events } = eventsOf({ actor: actingOut('look') });
      expect(only(events, 'task_start')[0]?.data).to.deep.equal({
        purpose: 'count up',
        maxSteps: 20,
        earlyStopPhi: 9,
        initialState: { data: { n: 0 } },
      });
      expect(only(events, 'step_start')).to.have.length(20);
    });

    it('takes no step at a limit of 0', () => {
      const { events } = eventsOf({}, { maxSteps: 0 });
      expect(typesOf(events)).to.deep.equal(['task_start', 'task_end']);
      expect(endOf(events)).to.deep.equal({ totalSteps: 0, cumulativeReward: 0, successRate: 0, finalPhi: 0, stopReason: 'max_steps' });
    });

    it('goes on with the state before plus _error where the environment fails, and scores that', () => {
      const judged: unknown[] = [];
      const { events } = eventsOf(
        {
          actor: actingOut('break', 'DONE'),
          environment: counting({ execute: () => throwError(() => new Error('the disk is full')) }),
          purposeFunction: { evaluate: ({ stateAfter }) => (judged.push(stateAfter), scored({ phiBefore: 1, phiAfter: 0 })) },
        },
        { initialState: { data: { n: 7 }, summary: 'seven' } },
      );
      expect(typesOf(events)).to.deep.equal([
        'task_start',
        ...['step_start', 'action', 'error', 'score', 'step_end'],
        ...['step_start', 'action', 'done', 'task_end'],
      ]);
      expect(only(events, 'error')[0]?.data).to.deep.equal({ error: 'the disk is full' });
      expect(judged).to.deep.equal([{ data: { n: 7, _error: 'the disk is full' }, summary: 'seven' }]);
      expect(only(events, 'step_end')[0]?.data.state).to.deep.equal(judged[0]);
    });

    it('fills in source, channel and attempt of tokens and usage', () => {
      const { events } = eventsOf({
        actor: {
          decide: () => [
            token('hm'),
            token('so', { channel: 'reasoning', attempt: 2 }),
            { type: 'usage', usage: { inputTokens: 3, outputTokens: 2 } },
            decided({ name: 'look' }),
          ],
        },
        purposeFunction: { evaluate: () => [token('good'), scored({ phiBefore: 0, phiAfter: 10 })] },
      });
      expect(only(events, 'token').map(({ data }) => data)).to.deep.equal([
        { token: 'hm', source: 'actor', channel: 'thought', attempt: 1 },
        { token: 'so', source: 'actor', channel: 'reasoning', attempt: 2 },
        { token: 'good', source: 'purpose', channel: 'evidence', attempt: 1 },
      ]);
      expect(only(events, 'usage').map(({ data }) => data)).to.deep.equal([{ source: 'actor', inputTokens: 3, outputTokens: 2 }]);
    });

    it('passes on what an environment reports, types of its own included', () => {
      const { events } = eventsOf({
        environment: counting({
          execute: (_action, state) =>
            of(signal('page_loaded', { url: 'a' }), signal('tool_start', { callId: '1', name: 'x', params: {} }), state),
        }),
      });
      expect(typesOf(events).slice(0, 7)).to.deep.equal([
        'task_start',
        'step_start',
        'action',
        'page_loaded',
        'tool_start',
        'score',
        'step_end',
      ]);
    });

    it('ignores what comes after the first action, state and score', () => {
      const { events } = eventsOf({
        actor: { decide: ({ step }) => of(decided({ name: step === 1 ? 'look' : 'DONE' }), token('late'), decided({ name: 'again' })) },
        environment: counting({ execute: (_action, state) => of(state, signal('late', {}), { data: { n: 99 } }) }),
        purposeFunction: { evaluate: () => [scored({ phiBefore: 0, phiAfter: 1 }), scored({ phiBefore: 0, phiAfter: 9 })] },
      });
      expect(typesOf(events)).to.deep.equal(['task_start', ...STEP, 'step_start', 'action', 'done', 'task_end']);
      expect(only(events, 'step_end')[0]?.data.state).to.deep.equal({ data: { n: 0 } });
      expect(endOf(events)?.finalPhi).to.equal(1);
    });

    it('numbers the steps, and what stands outside of them with 0', () => {
      const { events } = eventsOf({ actor: actingOut('look') }, { maxSteps: 2 });
      expect(events.map(({ step }) => step)).to.deep.equal([0, 1, 1, 1, 1, 2, 2, 2, 2, 0]);
    });
  });

  describe('what the ports are told', () => {
    it('shows the actor its history as text', () => {
      const actor = actingOut({ name: 'look', params: { at: 'door' } }, 'wait', 'DONE');
      eventsOf({ actor, purposeFunction: judging(2.5, 1) });
      expect(actor.asked[2]?.history).to.deep.equal([
        { action: 'look({"at":"door"})', result: '{"n":1}', score: 'Δ=+2.50' },
        { action: 'wait({})', result: '{"n":2}', score: 'Δ=-1.50' },
      ]);
    });

    it('shows the actor the tool calls of its earlier steps', () => {
      const actor = actingOut('look', 'DONE');
      const environment = counting({
        execute: (_action, state) =>
          of(
            signal('tool_start', { callId: '1.1', name: 'look', params: { at: 'x' } }),
            signal('tool_end', { callId: '1.1', name: 'look', ok: true, output: 'a door' }),
            state,
          ),
      });
      eventsOf({ actor, environment });
      expect(actor.asked[1]?.turns.map(({ action, calls }) => [action.name, calls])).to.deep.equal([
        ['look', [{ callId: '1.1', name: 'look', params: { at: 'x' }, result: { ok: true, output: 'a door' } }]],
      ]);
    });

    it('gives the environment ids for calls that are unique in the run, however often it asks', () => {
      const ids: (string | undefined)[] = [];
      const environment = counting({
        execute: (_action, state, context) => {
          ids.push(context?.createCallId(), context?.createCallId());
          return state;
        },
      });
      eventsOf({ actor: actingOut('look'), environment }, { maxSteps: 2 });
      expect(ids).to.deep.equal(['1.1', '1.2', '2.1', '2.2']);
    });

    it('cuts summaries at 200 units and never through a surrogate pair', () => {
      const summary = `${'a'.repeat(199)}😀`;
      const { events } = eventsOf({ environment: counting({ execute: () => ({ data: {}, summary }) }) });
      expect(only(events, 'step_end')[0]?.data.stateSummary).to.equal('a'.repeat(199));
      expect(describeState({ data: {}, summary })).to.equal(summary);
    });

    it('gives the purpose function the scores of this run so far', () => {
      const seen: number[] = [];
      eventsOf(
        {
          actor: actingOut('look'),
          purposeFunction: { evaluate: ({ scores }) => (seen.push(scores.length), scored({ phiBefore: 0, phiAfter: 0 })) },
        },
        { maxSteps: 3 },
      );
      expect(seen).to.deep.equal([0, 1, 2]);
    });

    it('makes delta and improved follow from Φ, whatever the purpose function says', () => {
      const { events } = eventsOf({
        purposeFunction: {
          evaluate: () => ({
            type: 'score',
            score: { phiBefore: 4, phiAfter: 3, delta: 9, confidence: 0.5, evidence: 'less', improved: true },
          }),
        },
      });
      expect(only(events, 'score')[0]?.data).to.deep.include({ delta: -1, improved: false });
    });

    it('sums the totals', () => {
      const { events } = eventsOf({ actor: actingOut('look'), purposeFunction: judging(4, 2, 8, 8) }, { maxSteps: 4 });
      expect(endOf(events)).to.deep.equal({ totalSteps: 4, cumulativeReward: 8, successRate: 0.5, finalPhi: 8, stopReason: 'max_steps' });
    });

    it('adds up the usage of all ports', () => {
      const usage = { type: 'usage', usage: { inputTokens: 10, outputTokens: 1 } } as const;
      const results: unknown[] = [];
      orchestrate(
        ports({
          actor: { decide: ({ step }) => [usage, decided({ name: step === 1 ? 'look' : 'DONE' })] },
          purposeFunction: { evaluate: () => [usage, scored({ phiBefore: 0, phiAfter: 1 })] },
        }),
      )
        .runTask(task)
        .subscribe((result) => results.push(result.usage));
      expect(results).to.deep.equal([{ inputTokens: 30, outputTokens: 3 }]);
    });

    it('takes promises and async iterables from any port', async () => {
      const orchestrator = orchestrate(
        ports({
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
        }),
      );
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
      ['an actor without an action', { actor: { decide: nothing } }, /without an action/],
      ['a purpose function without a score', { purposeFunction: { evaluate: nothing } }, /without a score/],
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
      ['a reset without a state', { environment: counting({ reset: nothing }) }, /it gave no state/],
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
      ['an actor that gives nothing', { actor: { decide: () => undefined as never } }, /The actor gave undefined/],
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
        const { events, error } = eventsOf(config);
        expect(error).to.be.instanceOf(ContractError);
        expect((error as ContractError).message).to.match(message);
        expect(endOf(events)).to.deep.include({ stopReason: 'failed' });
        expect(endOf(events)?.error).to.deep.equal({
          _tag: 'ContractError',
          message: (error as ContractError).message,
          isRetryable: false,
        });
      });
    }

    it('says so in task_start where reset failed', () => {
      const { events } = eventsOf({ environment: counting({ reset: () => throwError(() => new Error('no world')) }) });
      expect(typesOf(events)).to.deep.equal(['task_start', 'task_end']);
      expect(only(events, 'task_start')[0]?.data.initialState).to.equal(null);
    });

    const environmentErrors: readonly (readonly [what: string, execute: () => never, text: RegExp])[] = [
      ['no state', (() => nothing()) as () => never, /no state after look/],
      ['a state that is not JSON', (() => ({ data: { when: new Date(0) } })) as () => never, /when is a Date/],
      ['null', (() => null) as () => never, /no state/],
      ['a report without a type in words', (() => ({ type: 5 })) as () => never, /type is number/],
      ['an event of the engine', (() => signal('task_end', {})) as () => never, /only the engine may/],
      ['a tool_end without a name', (() => signal('tool_end', { callId: '1', ok: true })) as () => never, /name/],
    ];
    for (const [what, execute, text] of environmentErrors) {
      it(`makes ${what} from execute an error of the environment`, () => {
        const { events, error } = eventsOf({ environment: counting({ execute }) });
        expect(error).to.equal(undefined);
        expect(only(events, 'error')[0]?.data.error).to.match(text);
        expect(endOf(events)?.stopReason).to.equal('done');
      });
    }

    it('takes of a state its data and its summary, and nothing that is attached to it', () => {
      const attached = { when: new Date(0), big: 1n, summary: undefined };
      const { events, error } = eventsOf({
        environment: counting({
          reset: () => ({ data: { n: 0 }, ...attached }) as never,
          execute: () => ({ data: { n: 1 }, ...attached }) as never,
        }),
      });
      expect(error).to.equal(undefined);
      expect(only(events, 'task_start')[0]?.data.initialState).to.deep.equal({ data: { n: 0 } });
      expect(only(events, 'step_end')[0]?.data.state).to.deep.equal({ data: { n: 1 } });
      const given = eventsOf({}, { initialState: { data: { n: 5 }, ...attached } as never });
      expect(only(given.events, 'task_start')[0]?.data.initialState).to.deep.equal({ data: { n: 5 } });
    });

    it('hears one initial state and one word on whether a state is terminal', () => {
      const { events } = eventsOf({
        actor: actingOut('look'),
        environment: counting({ reset: () => of({ data: { n: 7 } }, { data: { n: 8 } }), isTerminal: () => of(true, false, true) }),
      });
      expect(typesOf(events)).to.deep.equal(['task_start', ...STEP, 'terminal', 'task_end']);
      expect(only(events, 'step_end')[0]?.data.state).to.deep.equal({ data: { n: 8 } });
    });

    it('errors with the very error of the actor, and describes it in task_end', () => {
      const cause = new TypeError('the model is gone');
      const { events, error } = eventsOf({ actor: { decide: () => throwError(() => cause) } });
      expect(error).to.equal(cause);
      expect(endOf(events)?.error).to.deep.equal({ _tag: 'TypeError', message: 'the model is gone', isRetryable: false });
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
        expect(() => createOrchestrator(ports()).runTaskStream(bad)).to.throw(ContractError, message);
      });
    }

    it('refuses numbers that make no sense at the door', () => {
      expect(() => createOrchestrator(ports({ retainEvents: -1 }))).to.throw(ContractError, /retainEvents is -1/);
      expect(() => createOrchestrator(ports({ recallWithin: NaN }))).to.throw(ContractError, /recallWithin is NaN/);
      expect(() => createOrchestrator(ports({ recallWithin: Infinity }))).to.throw(ContractError, /recallWithin is Infinity/);
    });
  });

  describe('events$', () => {
    it('is the events of all runs, goes on after one that failed, and starts none', () => {
      const seen: string[] = [];
      const orchestrator = orchestrate(
        ports({ actor: { decide: ({ purpose }) => (purpose === 'fail' ? nothing() : decided({ name: 'DONE' })) } }),
      );
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
    const orchestrator = createOrchestrator(ports());
    const ids = [orchestrator.runTaskStream(task).runId, orchestrator.runTaskStream(task).runId];
    expect(ids[0]).to.match(/^[\da-f-]{36}$/);
    expect(ids[0]).to.not.equal(ids[1]);
  });
});
