import { asyncScheduler, Subject, type Observable, type SchedulerLike } from 'rxjs';
import type { Actor } from '../actor/actor.js';
import type { JsonRecord } from '../domain/json.js';
import type { StreamEvent } from '../domain/stream-event.js';
import type { Task, TaskResult } from '../domain/task.js';
import type { Environment } from '../environment/environment.js';
import { ContractError } from '../errors/contract-error.js';
import type { Experience } from '../experience/experience.js';
import { newId } from '../internal/new-id.js';
import type { PurposeFunction } from '../purpose/purpose-function.js';
import { AgentRun } from './agent-run.js';
import { pipeline, type Ports } from './pipeline.js';
import { createRecorder } from './recorder.js';
import { resolveTask } from './resolve-task.js';

/** Configuration of {@link createOrchestrator}. */
export interface OrchestratorConfig<Data extends JsonRecord = JsonRecord> {
  readonly actor: Actor<NoInfer<Data>>;
  readonly purposeFunction: PurposeFunction<NoInfer<Data>>;
  /** Its states are what the data of the whole agent is told by. */
  readonly environment: Environment<Data>;
  /** What is kept of finished trajectories. Defaults to nothing. */
  readonly experience?: Experience<NoInfer<Data>> | undefined;
  /** Where time comes from. Defaults to `asyncScheduler`, which is virtual under `TestScheduler.run`. */
  readonly scheduler?: SchedulerLike | undefined;
  /** How many of its newest events a run holds for `run.from(seq)`, a whole number from 0. Defaults to 10,000. */
  readonly retainEvents?: number | undefined;
  /** The longest that a decision waits for experience, in milliseconds, at most 2³¹ − 1. Defaults to 50. */
  readonly recallWithin?: number | undefined;
  /** Makes the ids of runs. Defaults to random UUIDs. */
  readonly createId?: (() => string) | undefined;
}

/** Runs tasks. */
export interface Orchestrator<Data extends JsonRecord = JsonRecord> {
  /** The events of all its runs, hot. It neither starts nor holds a run, and never ends because one failed. */
  readonly events$: Observable<StreamEvent<Data>>;
  /**
   * A new run of a task; nothing happens before its first subscriber.
   *
   * @throws ContractError where the task makes no sense.
   */
  runTaskStream(task: Task<Data>): AgentRun<Data>;
  /** `runTaskStream(task).result$`: one execution, whoever subscribes. To run again, `defer` it. */
  runTask(task: Task<Data>): Observable<TaskResult<Data>>;
  /** Emits once and completes when no recording of a trajectory is pending: at once where none is. Cold. */
  flush(): Observable<void>;
}

/** The longest delay that timers can hold, in milliseconds; a longer one would fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

const checkNumbers = (retainEvents: number, recallWithin: number): void => {
  if (!Number.isSafeInteger(retainEvents) || retainEvents < 0) {
    throw new ContractError(`retainEvents is ${retainEvents}, but must be a whole number from 0.`);
  }
  if (!(recallWithin >= 0 && recallWithin <= LONGEST_DELAY)) {
    throw new ContractError(`recallWithin is ${recallWithin}, but must be milliseconds from 0 to ${LONGEST_DELAY}.`);
  }
};

/**
 * Puts an actor, a purpose function and an environment together into an agent.
 *
 * ```text
 * task_start  (step_start  token*  action  tool*  token*  score  step_end)*  task_end
 * ```
 *
 * ```ts
 * const orchestrator = createOrchestrator({ actor, purposeFunction, environment });
 * orchestrator.runTaskStream({ purpose: 'open the door' }).subscribe((event) => console.log(event.type));
 * ```
 *
 * @throws ContractError where a number makes no sense.
 */
export function createOrchestrator<Data extends JsonRecord = JsonRecord>({
  actor,
  purposeFunction,
  environment,
  experience,
  scheduler = asyncScheduler,
  retainEvents = 10_000,
  recallWithin = 50,
  createId = newId,
}: OrchestratorConfig<Data>): Orchestrator<Data> {
  checkNumbers(retainEvents, recallWithin);
  const ports: Ports<Data> = { actor, purposeFunction, environment, experience, recallWithin, scheduler };
  const recorder = createRecorder(experience);
  const events$ = new Subject<StreamEvent<Data>>();

  const runTaskStream = (task: Task<Data>): AgentRun<Data> => {
    const resolved = resolveTask(task);
    return new AgentRun({
      runId: createId(),
      task: resolved,
      pipeline: (run, whenIdle) => pipeline(ports, resolved, run, whenIdle),
      record: recorder.record,
      onEvent: (event) => {
        // A Subject with nobody there still costs 0.1 µs an event.
        if (events$.observed) events$.next(event);
      },
      now: () => scheduler.now(),
      retainEvents,
    });
  };

  return {
    events$: events$.asObservable(),
    runTaskStream,
    runTask: (task) => runTaskStream(task).result$,
    flush: recorder.flush,
  };
}
