import { expectTypeOf } from 'expect-type';
import type { Observable } from 'rxjs';
import type { Actor } from '../../lib/actor/actor.js';
import { llmActor } from '../../lib/actor/llm-actor.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import type { State } from '../../lib/domain/state.js';
import type { TaskResult } from '../../lib/domain/task.js';
import type { Trajectory } from '../../lib/domain/trajectory.js';
import type { Environment } from '../../lib/environment/environment.js';
import { inMemoryExperience } from '../../lib/experience/in-memory-experience.js';
import { createOrchestrator, type Orchestrator, type OrchestratorConfig } from '../../lib/orchestrator/orchestrator.js';
import { llmPurposeFunction } from '../../lib/purpose/llm-purpose-function.js';
import { scriptedEnvironment } from '../../lib/testing/scripts/scripted-environment.js';

type Data = { readonly n: number };

const environment: Environment<Data> = {
  reset: () => ({ data: { n: 0 } }),
  execute: (_action, { data }) => ({ data: { n: data.n + 1 } }),
  isTerminal: ({ data }) => data.n > 3,
};
const backend = scriptedBackend([]);

describe('the data of an agent', () => {
  it('is that of its environment, with ports that take any', () => {
    const orchestrator = createOrchestrator({
      actor: llmActor({ backend }),
      purposeFunction: llmPurposeFunction({ backend }),
      environment,
      experience: inMemoryExperience(),
    });
    expectTypeOf(orchestrator).toEqualTypeOf<Orchestrator<Data>>();
    expectTypeOf(orchestrator.runTask({ purpose: 'x' })).toEqualTypeOf<Observable<TaskResult<Data>>>();
    expectTypeOf<TaskResult<Data>['finalState']>().toEqualTypeOf<State<Data> | null>();
  });

  it('is any JSON where the environment does not say', () => {
    const orchestrator = createOrchestrator({
      actor: llmActor({ backend }),
      purposeFunction: llmPurposeFunction({ backend }),
      environment: scriptedEnvironment([]),
    });
    expectTypeOf(orchestrator).toEqualTypeOf<Orchestrator>();
  });

  it('has to be that of the actor as well', () => {
    expectTypeOf<Actor<{ readonly other: string }>>().not.toExtend<OrchestratorConfig<Data>['actor']>();
    expectTypeOf<Actor>().toExtend<OrchestratorConfig<Data>['actor']>();
    expectTypeOf<Actor<Data>>().toExtend<OrchestratorConfig<Data>['actor']>();
  });

  it('is known to an experience of its own', () => {
    const kept: Trajectory<Data>[] = [];
    const orchestrator = createOrchestrator({
      actor: llmActor({ backend }),
      purposeFunction: llmPurposeFunction({ backend }),
      environment,
      experience: {
        recall: () => kept,
        record: (trajectory) => {
          kept.push(trajectory);
        },
      },
    });
    expectTypeOf(orchestrator).toEqualTypeOf<Orchestrator<Data>>();
  });

  it('takes optional settings that may be undefined', () => {
    const maybe: number | undefined = kept();
    const orchestrator = createOrchestrator({
      actor: llmActor({ backend }),
      purposeFunction: llmPurposeFunction({ backend }),
      environment,
      retainEvents: maybe,
    });
    orchestrator.runTaskStream({ purpose: 'x', maxSteps: maybe, earlyStopPhi: maybe });
  });
});

function kept(): number | undefined {
  return undefined;
}
