import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import { TestScheduler } from 'rxjs/testing';
import { decided, signal } from '../../../lib/domain/signal.js';
import type { StreamEvent } from '../../../lib/domain/stream-event.js';
import type { TaskResult } from '../../../lib/domain/task.js';
import { ScriptError } from '../../../lib/errors/script-error.js';
import { createOrchestrator, type Orchestrator } from '../../../lib/orchestrator/orchestrator.js';
import type { ActorStep } from '../../../lib/testing/scripts/actor-script.js';
import type { EnvironmentStep } from '../../../lib/testing/scripts/environment-script.js';
import type { PurposeStep } from '../../../lib/testing/scripts/purpose-script.js';
import { scriptedActor } from '../../../lib/testing/scripts/scripted-actor.js';
import { scriptedEnvironment } from '../../../lib/testing/scripts/scripted-environment.js';
import { scriptedPurposeFunction } from '../../../lib/testing/scripts/scripted-purpose-function.js';
import { orchestrate } from '../../support/orchestrate.js';
import { typesOf } from '../../support/ports.js';

const agentOf = (actorSteps: readonly ActorStep[], purposeSteps: readonly PurposeStep[], environmentSteps: readonly EnvironmentStep[]) => {
  const actor = scriptedActor(actorSteps);
  const purposeFunction = scriptedPurposeFunction(purposeSteps);
  const environment = scriptedEnvironment(environmentSteps, { initialState: { data: { n: 0 } } });
  return { actor, purposeFunction, environment, orchestrator: orchestrate({ actor, purposeFunction, environment }) };
};

/** What a run told, each event with its time, until it ended or `leaveAt`. */
const run = ({ orchestrator }: Pick<ReturnType<typeof agentOf>, 'orchestrator'>, leaveAt = 1000) => {
  const told: { events: StreamEvent[]; times: string[]; error?: unknown } = { events: [], times: [] };
  new TestScheduler(() => undefined).run(({ cold }) => {
    const watching = orchestrator.runTaskStream({ purpose: 'open the door', maxSteps: 5 }).subscribe({
      next: (event) => {
        told.events.push(event);
        told.times.push(`${event.timestamp} ${event.type}`);
      },
      error: (error: unknown) => (told.error = error),
    });
    cold(`${leaveAt}ms (a|)`).subscribe(() => {
      watching.unsubscribe();
    });
  });
  return told;
};

/** What `verify` says, one text a port that has something to say. */
const faultsOf = (agent: ReturnType<typeof agentOf>): readonly string[] =>
  [agent.actor, agent.purposeFunction, agent.environment].flatMap((port) => {
    try {
      port.verify();
      return [];
    } catch (error) {
      expect(error).to.be.instanceOf(ScriptError);
      return error instanceof Error ? [error.message] : [];
    }
  });

describe('an agent of scripted ports', () => {
  it('runs in virtual time, and its scripts are followed', () => {
    const agent = agentOf(
      [{ marbles: '--x(a|)' }, { tokens: ['I ', 'see'], interval: 5, action: { name: 'DONE', params: { answer: 42 } } }],
      [{ marbles: '-4|' }],
      [{ marbles: '-k--(s|)', values: { k: signal('knock', { at: 'door' }) } }],
    );
    expect(run(agent).times).to.deep.equal([
      '0 task_start',
      '0 step_start',
      '2 token',
      '3 action',
      '4 knock',
      '8 score',
      '8 step_end',
      '8 step_start',
      '13 token',
      '18 token',
      '18 action',
      '18 done',
      '18 task_end',
    ]);
    expect(faultsOf(agent)).to.deep.equal([]);
  });

  it('notes what each port was asked', () => {
    const agent = agentOf(['look', 'open', 'DONE'], [2, 5], [{ data: { n: 1 } }, { data: { n: 2 } }]);
    run(agent);
    expect(agent.actor.calls.map(({ step, state, history }) => [step, state.data, history.length])).to.deep.equal([
      [1, { n: 0 }, 0],
      [2, { n: 1 }, 1],
      [3, { n: 2 }, 2],
    ]);
    expect(
      agent.purposeFunction.calls.map(({ action, stateAfter, scores }) => [action.name, stateAfter.data, scores.length]),
    ).to.deep.equal([
      ['look', { n: 1 }, 0],
      ['open', { n: 2 }, 1],
    ]);
    expect(agent.environment.calls).to.deep.equal([
      { action: decided({ name: 'look' }).action, state: { data: { n: 0 } } },
      { action: decided({ name: 'open' }).action, state: { data: { n: 1 } } },
    ]);
  });

  it('scores from the score before', () => {
    const { events } = run(agentOf(['look', 'look', 'DONE'], [3, { marbles: '(1|)' }], [{ data: {} }, { data: {} }]));
    const scores = events.flatMap((event) => (event.type === 'score' ? [[event.data.phiBefore, event.data.phiAfter]] : []));
    expect(scores).to.deep.equal([
      [0, 3],
      [3, 1],
    ]);
  });

  it('fails where the actor is asked for more than its script has', () => {
    const agent = agentOf(['look'], [1], [{ data: {} }]);
    const { events, error } = run(agent);
    expect(error).to.be.instanceOf(ScriptError);
    expect(events.at(-1)).to.have.nested.property('data.error._tag', 'ScriptError');
    expect(faultsOf(agent)).to.deep.equal(["Decision 2 was not expected: the actor's script has 1 step."]);
  });

  it('fails where the purpose function is asked for more than its script has', () => {
    const agent = agentOf(['look', 'look'], [1], [{ data: {} }, { data: {} }]);
    expect(run(agent).error).to.be.instanceOf(ScriptError);
    expect(faultsOf(agent)).to.deep.equal(["Evaluation 2 was not expected: the purpose function's script has 1 step."]);
  });

  it('goes on where the environment is asked for more than its script has, and verify tells', () => {
    const agent = agentOf(['look', 'look', 'DONE'], [1, 2], []);
    const { events, error } = run(agent);
    expect(error).to.equal(undefined);
    expect(typesOf(events).filter((type) => type === 'error')).to.have.length(2);
    expect(faultsOf(agent)).to.deep.equal(["Executions 1 to 2 were not expected: the environment's script has 0 steps."]);
  });

  it('tells what was not used', () => {
    const agent = agentOf(['DONE', 'look'], [7], [{ data: { n: 1 } }, new Error('jammed')]);
    expect(run(agent).error).to.equal(undefined);
    expect(faultsOf(agent)).to.deep.equal([
      `1 of the 2 steps of the actor's script was not used: step 2, "look".`,
      `1 of the 1 step of the purpose function's script was not used: step 1, 7.`,
      `2 of the 2 steps of the environment's script were not used: step 1, {"data":{"n":1}}; step 2, Error: jammed.`,
    ]);
  });

  it('takes a scripted failure of the environment for data', () => {
    const agent = agentOf(['look', 'DONE'], [1], [new Error('jammed')]);
    const { events } = run(agent);
    expect(events.find(({ type }) => type === 'error')?.data).to.deep.equal({ error: 'jammed' });
    expect(agent.actor.calls[1]?.state.data).to.deep.equal({ n: 0, _error: 'jammed' });
    expect(faultsOf(agent)).to.deep.equal([]);
  });

  it('uses a step that is left, and no more', () => {
    const agent = agentOf([{ marbles: '-- 50ms a' }, 'look'], [], []);
    expect(run(agent, 10).events.at(-1)?.type).to.equal('step_start');
    expect(faultsOf(agent)).to.deep.equal([`1 of the 2 steps of the actor's script was not used: step 2, "look".`]);
  });

  it('gives two runs their steps from one list', () => {
    const agent = agentOf(['DONE', { name: 'DONE', params: { answer: 2 } }], [], []);
    const answers: unknown[] = [];
    for (let time = 0; time < 2; time += 1) agent.orchestrator.runTask({ purpose: 'x' }).subscribe(({ answer }) => answers.push(answer));
    expect(answers).to.deep.equal([undefined, 2]);
    expect(faultsOf(agent)).to.deep.equal([]);
  });

  it('has the data of its environment, without a cast', () => {
    const environment = scriptedEnvironment([{ data: { n: 1 } }], { initialState: { data: { n: 0 } } });
    const typed = createOrchestrator({ actor: scriptedActor(['look']), purposeFunction: scriptedPurposeFunction([1]), environment });
    expectTypeOf(typed).toEqualTypeOf<Orchestrator<{ n: number }>>();
    expectTypeOf<Parameters<Parameters<ReturnType<typeof typed.runTask>['forEach']>[0]>[0]>().toEqualTypeOf<TaskResult<{ n: number }>>();
    const [actor, purposeFunction] = [scriptedActor(['look']), scriptedPurposeFunction([1])];
    expectTypeOf(createOrchestrator({ actor, purposeFunction, environment })).toEqualTypeOf<Orchestrator<{ n: number }>>();
    const untyped = createOrchestrator({ actor, purposeFunction, environment: scriptedEnvironment([{ data: {} }]) });
    expectTypeOf(untyped).toEqualTypeOf<Orchestrator>();
    const inPlace = createOrchestrator({
      actor,
      purposeFunction,
      environment: scriptedEnvironment([{ data: { n: 1 } }], { initialState: { data: { n: 0 } } }),
    });
    expectTypeOf(inPlace).toEqualTypeOf<Orchestrator<{ n: number }>>();
  });
});
