import { expect } from 'chai';
import fc from 'fast-check';
import { decided, signal, type UsageSignal } from '../../lib/domain/signal.js';
import { foldRun, runResult, runTrajectory } from '../../lib/domain/run-state.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import type { TaskResult } from '../../lib/domain/task.js';
import { scriptedActor } from '../../lib/testing/scripts/scripted-actor.js';
import { scriptedEnvironment } from '../../lib/testing/scripts/scripted-environment.js';
import { scriptedPurposeFunction } from '../../lib/testing/scripts/scripted-purpose-function.js';
import { actionOf, numbered, scoreOf, stepEnd, stepStart, taskEnd, taskStart } from '../support/events.js';
import { orchestrate } from '../support/orchestrate.js';

const usage = (inputTokens: number): UsageSignal => ({ type: 'usage', usage: { inputTokens, outputTokens: 1 } });

/** A run of three steps with tools and usage, and its result. */
const recorded = (): { events: StreamEvent[]; result: TaskResult } => {
  const run = orchestrate({
    actor: scriptedActor(
      [1, 2, 3, 4].map((step) => [usage(step), decided({ name: step > 3 ? 'DONE' : 'count', params: { answer: step } })]),
    ),
    environment: scriptedEnvironment(
      [1, 2, 3].map((step) => [
        signal('tool_start', { callId: `${step}.1`, name: 'count', params: {} }),
        signal('tool_end', { callId: `${step}.1`, name: 'count', ok: false, error: 'no' }),
        { data: { n: step } },
      ]),
      { initialState: { data: { n: 0 } } },
    ),
    purposeFunction: scriptedPurposeFunction([1, 2, 3]),
  }).runTaskStream({ purpose: 'count' });
  const events: StreamEvent[] = [];
  let result: TaskResult | undefined;
  run.subscribe((event) => events.push(event));
  run.result$.subscribe((value) => (result = value));
  if (result === undefined) throw new Error('The run has no result.');
  return { events, result };
};

describe('foldRun', () => {
  it('gives the result of the run out of the log alone', () => {
    const { events, result } = recorded();
    expect(runResult(foldRun(JSON.parse(JSON.stringify(events)) as StreamEvent[]))).to.deep.equal(result);
    expect(runResult(foldRun(events.slice(0, -1)))).to.equal(undefined);
    expect(runTrajectory(foldRun(events.slice(0, -1)))).to.deep.equal(result.trajectory);
  });

  it('knows of a step under way what it has come to, and nothing of the step before', () => {
    const { events } = recorded();
    const at = (type: string, step: number): StreamEvent[] =>
      events.slice(0, events.findIndex((event) => event.type === type && event.step === step) + 1);
    const opened = foldRun(at('step_start', 2));
    expect([opened.action, opened.score, opened.calls.size]).to.deep.equal([null, null, 0]);
    expect(foldRun(at('action', 2)).action).to.deep.include({ name: 'count', params: { answer: 2 } });
    expect([...foldRun(at('tool_start', 2)).calls.values()]).to.deep.equal([{ callId: '2.1', name: 'count', params: {} }]);
    expect(foldRun(at('score', 2)).score).to.deep.include({ phiAfter: 2 });
  });

  it('is the run as it was then, for every prefix of a log', () => {
    const { events } = recorded();
    fc.assert(
      fc.property(fc.nat(events.length), (length) => {
        const prefix = events.slice(0, length);
        const { steps, scores, history, turns, step } = foldRun(prefix);
        const finished = prefix.filter(({ type }) => type === 'step_end').length;
        expect([steps, scores, history, turns].map((list) => list.length)).to.deep.equal([finished, finished, finished, finished]);
        expect(step).to.equal(prefix.filter(({ type }) => type === 'step_start').length);
      }),
    );
  });

  it('keeps each tool call of a step with its one result', () => {
    const { turns } = foldRun(recorded().events);
    expect(turns.map(({ calls }) => calls)).to.deep.equal(
      [1, 2, 3].map((step) => [{ callId: `${step}.1`, name: 'count', params: {}, result: { ok: false, error: 'no' } }]),
    );
  });

  it('is under way again where a run that had been cut short was resumed', () => {
    const cut = numbered(taskStart, stepStart(1), taskEnd('cancelled'));
    const resumed = { ...cut[2], type: 'run_resumed', data: { after: 1, inDoubt: [] } } as unknown as StreamEvent;
    expect(runResult(foldRun(cut))).to.have.property('stopReason', 'cancelled');
    expect(runResult(foldRun([...cut, resumed]))).to.equal(undefined);
  });

  it('changes no fold of the same events made before', () => {
    const events = [taskStart, stepStart(1), actionOf('look', 1), scoreOf(1, 1), stepEnd(1)];
    const one = foldRun(events);
    const other = foldRun([...events, stepStart(2), actionOf('look', 2), scoreOf(2, 2), stepEnd(2)]);
    expect([one.steps.length, other.steps.length]).to.deep.equal([1, 2]);
  });
});
