import { expect } from 'chai';
import { NEVER } from 'rxjs';
import type { DecideContext } from '../../lib/actor/actor.js';
import { llmActor } from '../../lib/actor/llm-actor.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import { decided } from '../../lib/domain/signal.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { createOrchestrator } from '../../lib/orchestrator/orchestrator.js';
import type { StopPolicy } from '../../lib/orchestrator/stop-policy.js';
import { llmPurposeFunction } from '../../lib/purpose/llm-purpose-function.js';
import { deadline } from '../../lib/policies/deadline.js';
import { noProgress } from '../../lib/policies/no-progress.js';
import { nudgeFirst } from '../../lib/policies/nudge-first.js';
import { plateau } from '../../lib/policies/plateau.js';
import { steps } from '../../lib/policies/steps.js';
import { stopWhen } from '../../lib/policies/stop-when.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { rulePurposeFunction } from '../../lib/purpose/rule-purpose-function.js';
import { orchestrate } from '../support/orchestrate.js';
import { counting } from '../support/ports.js';

const lookAround = () => decided({ name: 'look' });
const flat = rulePurposeFunction(() => 1);
/** How a run ends that took too long. */
const ended = (reason: string) => ({ E: { data: { stopReason: 'timeout' as const, reason } } });
const stopReasons = { E: { data: { stopReason: 'stopped' as const } } };

describe('stop policies of a run', () => {
  it('end it after the step at which one holds, and what was done counts', () => {
    agentMarbles((m) => {
      const run = m.run({
        actor: m.actor('10ms (a|)'),
        purposeFunction: m.purposeFunction('10ms (1|)'),
        stopWhen: [plateau({ window: 2 })],
      });
      m.expectRun(run).toBe('(Ss) 6ms a 9ms (ves) 5ms a 9ms (ves) 5ms a 9ms (veE|)', stopReasons);
      m.expectResult(run).toMatch({ stopReason: 'stopped' });
    });
  });

  it('are asked after step_end and never after a step that ended the run', () => {
    const asked: string[] = [];
    const spy: StopPolicy = {
      name: 'spy',
      check: ({ step, steps: done, scores }) => {
        asked.push(`${step} ${done.length} ${scores.length}`);
        return undefined;
      },
    };
    const agent = orchestrate({
      actor: { decide: ({ step }) => decided({ name: step === 3 ? 'DONE' : 'look' }) },
      purposeFunction: flat,
      environment: counting(),
      stopWhen: [spy],
    });
    agent.runTaskStream({ purpose: 'p' }).subscribe();
    expect(asked).to.deep.equal(['1 1 1', '2 2 2']);
    asked.length = 0;
    for (const ending of [
      { purposeFunction: rulePurposeFunction(() => 9), environment: counting() },
      { purposeFunction: flat, environment: counting({ isTerminal: () => true }) },
    ]) {
      orchestrate({ actor: { decide: lookAround }, stopWhen: [spy], ...ending })
        .runTaskStream({ purpose: 'p' })
        .subscribe();
    }
    expect(asked).to.deep.equal([]);
  });

  it('put their reason into task_end, and hand the trajectory to the experience', () => {
    const recorded: string[] = [];
    const agent = orchestrate({
      actor: { decide: lookAround },
      purposeFunction: flat,
      environment: counting(),
      experience: { recall: () => [], record: ({ steps: done }) => void recorded.push(`${done.length}`) },
      stopWhen: [noProgress({ steps: 5 }), steps(2)],
    });
    const events: unknown[] = [];
    agent.runTaskStream({ purpose: 'p' }).subscribe(({ type, data }) => type === 'task_end' && events.push(data));
    expect(events).to.deep.equal([
      { totalSteps: 2, cumulativeReward: 0, successRate: 0, finalPhi: 1, stopReason: 'stopped', reason: 'steps: 2 of 2 steps were taken' },
    ]);
    expect(recorded).to.deep.equal(['2']);
    agent.runTask({ purpose: 'p', maxSteps: 2 }).subscribe((result) => expect(result).to.include({ stopReason: 'stopped' }));
  });

  it('nudge the actor by an event and a notice at its next decision, and stop it later', () => {
    const seen: DecideContext['notices'][] = [];
    const agent = orchestrate({
      actor: {
        decide: ({ notices }) => {
          seen.push(notices === undefined ? undefined : [...notices]);
          return decided({ name: 'look' });
        },
      },
      purposeFunction: flat,
      environment: counting(),
      stopWhen: [nudgeFirst(noProgress({ steps: 2 }), { message: 'Think.' })],
    });
    const types: string[] = [];
    agent.runTaskStream({ purpose: 'p' }).subscribe((event) => {
      if (['step_start', 'step_end', 'nudge', 'task_end'].includes(event.type)) types.push(`${event.type} ${event.step}`);
    });
    expect(types).to.deep.equal([
      ...['step_start 1', 'step_end 1', 'step_start 2', 'step_end 2', 'nudge 2'],
      ...['step_start 3', 'step_end 3', 'step_start 4', 'step_end 4', 'task_end 0'],
    ]);
    const notice = [{ from: 'nudge', message: 'Think.', step: 2, policy: 'noProgress' }];
    expect(seen).to.deep.equal([undefined, undefined, notice, notice]);
  });

  it('reach the model of an actor in its prompt', () => {
    const answer = '{"thought":"","name":"look","params":{},"expectedDelta":""}';
    const backend = scriptedBackend([answer, answer]);
    const agent = orchestrate({
      actor: llmActor({ backend }),
      purposeFunction: flat,
      environment: counting(),
      stopWhen: [nudgeFirst(noProgress({ steps: 1 }), { message: 'Look elsewhere.' })],
    });
    agent.runTaskStream({ purpose: 'p', maxSteps: 2 }).subscribe();
    expect(backend.requests[0]?.messages[1]?.content).not.to.include('Look elsewhere.');
    expect(backend.requests[1]?.messages[1]?.content).to.include('Look elsewhere.');
  });

  it('look at the clock of the orchestrator between the steps', () => {
    agentMarbles((m) => {
      const run = m.run({ actor: m.actor('10ms (a|)'), purposeFunction: m.purposeFunction('(1|)'), stopWhen: [deadline(15)] });
      m.expectEvents(run, ['step_end', 'task_end']).toBe('10ms e 9ms (eE|)', {
        E: { data: { stopReason: 'stopped', reason: 'deadline: 20 of 15 ms have passed' } },
      });
    });
  });

  it('fail the run where one throws', () => {
    const failures: unknown[] = [];
    const agent = orchestrate({
      actor: { decide: lookAround },
      purposeFunction: flat,
      environment: counting(),
      stopWhen: [
        stopWhen('broken', () => {
          throw new Error('oops');
        }),
      ],
    });
    const run = agent.runTaskStream({ purpose: 'p' });
    const events: string[] = [];
    run.subscribe({ next: ({ type }) => events.push(type), error: (error: unknown) => failures.push(error) });
    expect(failures[0]).to.be.instanceOf(ContractError).and.have.property('message', 'The stop policy broken failed: oops');
    expect(events.slice(-2)).to.deep.equal(['step_end', 'task_end']);
  });

  it('are refused at the door where two have one name', () => {
    expect(() => orchestrate({ stopWhen: [steps(1), steps(2)] })).to.throw(ContractError, 'Two stop policies are called steps');
  });

  it('end a run of 20,000 synchronous steps without overflowing the stack', function ofMany() {
    this.timeout(60_000);
    const agent = createOrchestrator({
      actor: { decide: lookAround },
      purposeFunction: flat,
      environment: counting(),
      retainEvents: 0,
      stopWhen: [nudgeFirst(noProgress({ steps: 50_000 })), steps(10_000)],
    });
    const results: number[] = [];
    agent.runTask({ purpose: 'p', maxSteps: 20_000 }).subscribe(({ trajectory }) => results.push(trajectory.steps.length));
    expect(results).to.deep.equal([10_000]);
  });
});

describe('the timeouts of a run', () => {
  it('cut a step off wherever it is, and tear down what is under way', () => {
    agentMarbles((m) => {
      const deciding = m.run({ actor: m.actor('6ms t-----'), stepTimeout: 8 });
      m.expectRun(deciding).toBe('(Ss)--t-(E|)', { t: 't', ...ended('step 1 took longer than 8 ms') });
      const executing = m.run({ actor: m.actor('4ms (a|)'), environment: m.environment('---------'), stepTimeout: 8 });
      m.expectRun(executing).toBe('(Ss)a---(E|)', ended('step 1 took longer than 8 ms'));
      const judging = m.run({ actor: m.actor('4ms (a|)'), purposeFunction: m.purposeFunction('--t------'), stepTimeout: 8 });
      m.expectRun(judging).toBe('(Ss)a-t-(E|)', { t: 't', ...ended('step 1 took longer than 8 ms') });
      m.expectTeardown().toBe('--------!');
    });
  });

  it('leave a step alone that ends in time, and count each step anew', () => {
    agentMarbles((m) => {
      const run = m.run({ actor: m.actor(['5ms (a|)', '5ms (a|)', '-']), purposeFunction: m.purposeFunction('(1|)'), stepTimeout: 6 });
      m.expectEvents(run, ['action', 'task_end']).toBe('5ms a 4ms a 5ms (E|)', ended('step 3 took longer than 6 ms'));
    });
  });

  it('cut a run off wherever it is', () => {
    agentMarbles((m) => {
      const run = m.run({ actor: m.actor('5ms (a|)'), purposeFunction: m.purposeFunction('(1|)'), runTimeout: 12 });
      m.expectEvents(run, ['action', 'task_end']).toBe('5ms a 4ms a - (E|)', ended('the run took longer than 12 ms'));
    });
  });

  it('cut a run off that has no state to begin with yet', () => {
    agentMarbles((m) => {
      const environment = { ...counting(), reset: () => NEVER };
      const run = m.run({ environment, runTimeout: 3 });
      m.expectRun(run).toBe('---(SE|)', { S: { data: { initialState: null } }, ...ended('the run took longer than 3 ms') });
    });
  });

  it('abort the request that a model is answering', () => {
    agentMarbles((m) => {
      const backend = m.backend('-a--------');
      const run = m.run({ actor: llmActor({ backend }), purposeFunction: llmPurposeFunction({ backend }), runTimeout: 5 });
      m.expectEvents(run, ['task_end']).toBe('-----(E|)', ended('the run took longer than 5 ms'));
      m.expectRequests(backend).toBe('^----!');
    });
  });

  it('hand nothing to the experience, and count what was finished', () => {
    agentMarbles((m) => {
      const recorded: unknown[] = [];
      const run = m.run({
        actor: m.actor(['-(a|)', '-']),
        purposeFunction: m.purposeFunction('(1|)'),
        experience: { recall: () => [], record: (trajectory) => void recorded.push(trajectory) },
        stepTimeout: 4,
      });
      m.expectResult(run).toMatch({ stopReason: 'timeout', trajectory: { finalPhi: 1 } });
      m.flush();
      expect(recorded).to.deep.equal([]);
    });
  });

  it('leave no timer behind, however the run ends', () => {
    agentMarbles((m) => {
      const bounds = { stepTimeout: 1000, runTimeout: 5000 };
      const done = m.run({ actor: m.actor('--(d|)'), ...bounds });
      const failed = m.run({ actor: m.actor('--#'), ...bounds });
      const left = m.run({ actor: m.actor('-----'), ...bounds });
      m.expectEvents(done, ['task_end']).toBe('--(E|)');
      m.expectEvents(failed, ['task_end']).toBe('--(E#)', undefined, { name: 'BackendError' });
      m.expectEvents(left, ['task_end'], '^-!').toBe('');
      m.at(3, () => expect(m.pendingTimers()).to.deep.equal([]));
    });
  });

  it('are refused at the door where they make no sense', () => {
    for (const bad of [-1, Number.NaN, 2 ** 31]) {
      expect(() => orchestrate({ stepTimeout: bad })).to.throw(ContractError, 'stepTimeout is');
      expect(() => orchestrate({ runTimeout: bad })).to.throw(ContractError, 'runTimeout is');
    }
    expect(() => orchestrate({ stepTimeout: null, runTimeout: null })).not.to.throw();
  });
});
