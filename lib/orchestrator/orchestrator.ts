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
import { requireApprove, type ApproveConfig } from './approval.js';
import { requirePolicies } from './check-policies.js';
import type { Journal } from './journal.js';
import { pipeline } from './pipeline.js';
import type { Ports } from './ports.js';
import { createRecorder } from './recorder.js';
import { resolveTask } from './resolve-task.js';
import type { ResumeOptions } from './resume.js';
import { requireBudget, type Budget } from './run-budget.js';
import { meterRun } from './run-meter.js';
import type { StopPolicy } from './stop-policy.js';
import { LONGEST_DELAY } from '../internal/longest-delay.js';

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
  /**
   * Looked at after each step that has not ended the run: the first that says so stops it (`stopped`), and the reason is in
   * `task_end`; what nudges is told by `nudge`. The makers are in `purpose-rx/resilience`. Defaults to none.
   */
  readonly stopWhen?: readonly StopPolicy<NoInfer<Data>>[] | undefined;
  /**
   * The longest that a step may take, in milliseconds, at most 2³¹ − 1, with all that is waited for in it: then it is torn
   * down and the run ends (`timeout`). Defaults to `null`: no limit.
   */
  readonly stepTimeout?: number | null | undefined;
  /** The same for a whole run, from its start or from where it was resumed. Defaults to `null`: no limit. */
  readonly runTimeout?: number | null | undefined;
  /**
   * Whether each request to a model is told by a `request_end` when it ends, with what it cost: `foldLedger` adds them up.
   * Always so with a `budget`, and for a task with a `meter`. Defaults to false.
   */
  readonly ledger?: boolean | undefined;
  /** What a run may spend, by `budget` of `purpose-rx/resilience`. Each run has it to itself. Defaults to no limit. */
  readonly budget?: Budget | undefined;
  /** Which calls need leave, and who gives it. Defaults to none. */
  readonly approve?: ApproveConfig | undefined;
  /**
   * Where events are kept before what depends on them happens, by `journalTo` of `purpose-rx/resilience`, so that a run can
   * be resumed when its process is gone. Defaults to nowhere.
   */
  readonly journal?: Journal | undefined;
  /** Makes the ids of runs. Defaults to random UUIDs. */
  readonly createId?: (() => string) | undefined;
}

/** Runs tasks. */
export interface Orchestrator<Data extends JsonRecord = JsonRecord> {
  /** The events of all its runs, hot. It neither starts nor holds a run, and never ends because one failed. */
  readonly events$: Observable<StreamEvent<Data>>;
  /**
   * A run of a task, a new one or one that goes on from a log; nothing happens before its first subscriber.
   *
   * @throws ContractError where the task makes no sense, or `resumeFrom` is no log that a run could go on from.
   */
  runTaskStream(task: Task<Data> & ResumeOptions<Data>): AgentRun<Data>;
  /** `runTaskStream(task).result$`: one execution, whoever subscribes. To run again, `defer` it. */
  runTask(task: Task<Data> & ResumeOptions<Data>): Observable<TaskResult<Data>>;
  /** Emits once and completes when no recording of a trajectory is pending: at once where none is. Cold. */
  flush(): Observable<void>;
}

const checkDelay = (name: string, delay: number): void => {
  if (delay >= 0 && delay <= LONGEST_DELAY) return;
  throw new ContractError(`${name} is ${delay}, but must be milliseconds from 0 to ${LONGEST_DELAY}.`);
};

const checkNumbers = (retainEvents: number, delays: Readonly<Record<string, number | null>>): void => {
  if (!Number.isSafeInteger(retainEvents) || retainEvents < 0) {
    throw new ContractError(`retainEvents is ${retainEvents}, but must be a whole number from 0.`);
  }
  for (const [name, delay] of Object.entries(delays)) if (delay !== null) checkDelay(name, delay);
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
 * @throws ContractError where a number makes no sense, or two stop policies have one name.
 */
export function createOrchestrator<Data extends JsonRecord = JsonRecord>({
  actor,
  purposeFunction,
  environment,
  experience,
  scheduler = asyncScheduler,
  retainEvents = 10_000,
  recallWithin = 50,
  stopWhen = [],
  stepTimeout = null,
  runTimeout = null,
  ledger = false,
  budget,
  approve,
  journal,
  createId = newId,
}: OrchestratorConfig<Data>): Orchestrator<Data> {
  checkNumbers(retainEvents, { recallWithin, stepTimeout, runTimeout });
  requirePolicies(stopWhen);
  if (approve !== undefined) requireApprove(approve);
  if (budget !== undefined) requireBudget(budget);
  const bounds = { stopWhen, stepTimeout, runTimeout };
  const ports: Ports<Data> = { actor, purposeFunction, environment, experience, recallWithin, scheduler, approve, ...bounds };
  const recorder = createRecorder(experience);
  const events$ = new Subject<StreamEvent<Data>>();

  const runTaskStream = (task: Task<Data> & ResumeOptions<Data>): AgentRun<Data> => {
    const resolved = resolveTask(task);
    return new AgentRun({
      runId: resolved.resumption?.run.runId ?? createId(),
      task: resolved,
      pipeline: (run, control) =>
        meterRun({ ledger, budget, parent: resolved.meter, before: resolved.resumption?.events ?? [], run, control }, (metering) =>
          pipeline(ports, resolved, run, metering),
        ),
      record: recorder.record,
      onEvent: (event) => {
        // A Subject with nobody there still costs 0.1 µs an event.
        if (events$.observed) events$.next(event);
      },
      journal,
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
