import { of, takeWhile, type Observable } from 'rxjs';
import type { Actor } from '../actor/actor.js';
import { isDone, type Action } from '../domain/action.js';
import type { JsonRecord } from '../domain/json.js';
import type { RunState } from '../domain/run-state.js';
import type { State } from '../domain/state.js';
import type { Trajectory } from '../domain/trajectory.js';
import { draft, type EventDraft, type PlainEventDraft } from '../domain/stream-event.js';
import type { Environment } from '../environment/environment.js';
import { ContractError } from '../errors/contract-error.js';
import { errorText } from '../errors/describe-error.js';
import type { Experience } from '../experience/experience.js';
import { andThen } from '../internal/and-then.js';
import { concatRange } from '../internal/concat-range.js';
import { emitThen } from '../internal/emit-then.js';
import { oneThen } from '../internal/one-then.js';
import type { PurposeFunction } from '../purpose/purpose-function.js';
import { decide } from './decide.js';
import { evaluate } from './evaluate.js';
import { execute, isExecuted } from './execute.js';
import { finishStep } from './finish-step.js';
import { initialState } from './initial-state.js';
import { recall, type RecallConfig } from './recall.js';
import type { ResolvedTask } from './resolve-task.js';

/** What a run is made with. */
export interface Ports<Data extends JsonRecord> extends RecallConfig {
  readonly actor: Actor<Data>;
  readonly purposeFunction: PurposeFunction<Data>;
  readonly environment: Environment<Data>;
  readonly experience: Experience<Data> | undefined;
}

/** Makes something once everybody has what was handed out before: at once where they do. To be called when it is to be subscribed. */
export type WhenIdle = <T>(project: () => Observable<T>) => Observable<T>;

/** Where in a run a step stands. */
interface StepContext<Data extends JsonRecord> {
  readonly ports: Ports<Data>;
  readonly task: ResolvedTask<Data>;
  /** The fold of everything that has happened: the pipeline reads it, its run writes it. */
  readonly run: RunState<Data>;
  readonly whenIdle: WhenIdle;
  /** The state before the step. */
  readonly state: State<Data>;
  readonly step: number;
}

type Drafts<Data extends JsonRecord> = Observable<EventDraft<Data>>;

const isAction = (event: PlainEventDraft): event is PlainEventDraft & { readonly type: 'action' } => event.type === 'action';
const isScore = (event: PlainEventDraft): event is PlainEventDraft & { readonly type: 'score' } => event.type === 'score';
const isEnding = ({ type }: EventDraft): boolean => type === 'done' || type === 'early_stop' || type === 'terminal';

/** `token* action`, after what experience offers has been asked for. */
const deciding = <Data extends JsonRecord>({ ports, task, run, state, step }: StepContext<Data>): Observable<PlainEventDraft> => {
  const { purpose } = task;
  const { history, turns } = run;
  const decideWith = (recalled: readonly Trajectory[]): Observable<PlainEventDraft> =>
    decide(ports.actor, { purpose, state, history, turns, step, recalled });
  if (ports.experience === undefined) return decideWith([]);
  return recall(ports.experience, ports, { purpose, state, step }).pipe(
    oneThen(({ recalled, error }) =>
      error === undefined ? decideWith(recalled) : emitThen(draft('experience_error', step, { error }), () => decideWith(recalled)),
    ),
  );
};

/** `token* score step_end (early_stop | terminal)?` */
const judging = <Data extends JsonRecord>(
  { ports, task, run, state, step }: StepContext<Data>,
  action: Action,
  stateAfter: State<Data>,
): Drafts<Data> =>
  evaluate(ports.purposeFunction, { purpose: task.purpose, stateBefore: state, action, stateAfter, step, scores: run.scores }).pipe(
    andThen({
      isFinal: isScore,
      project: (scored): Drafts<Data> =>
        emitThen(scored, () =>
          finishStep({ environment: ports.environment, earlyStopPhi: task.earlyStopPhi, step }, stateAfter, scored.data),
        ),
      missing: () => new ContractError('The purpose function completed without a score.'),
    }),
  );

/** `work* error? token* score …`: a failure of the environment is an event, and the step goes on. */
const acting = <Data extends JsonRecord>(context: StepContext<Data>, action: Action): Drafts<Data> => {
  const { ports, state, step } = context;
  return execute(ports.environment, action, state, step).pipe(
    andThen({
      isFinal: isExecuted<Data>,
      project: (executed) => judging(context, action, executed.state),
      missing: () => new ContractError(`The environment gave no state after ${action.name}.`),
      recover: (error): Drafts<Data> => {
        const text = errorText(error);
        return emitThen(draft('error', step, { error: text }), () =>
          judging(context, action, { ...state, data: { ...state.data, _error: text } }),
        );
      },
    }),
  );
};

/** One step: decide → execute → evaluate. */
const takeStep = <Data extends JsonRecord>(context: StepContext<Data>): Drafts<Data> => {
  const { step, whenIdle } = context;
  return emitThen(draft('step_start', step, { step }), () =>
    deciding(context).pipe(
      andThen({
        isFinal: isAction,
        project: (decided): Drafts<Data> =>
          emitThen(decided, () => (isDone(decided.data) ? of(draft('done', step, {})) : whenIdle(() => acting(context, decided.data)))),
        missing: () => new ContractError('The actor completed without an action.'),
      }),
    ),
  );
};

/**
 * The loop: everything between `task_start` and the end of the last step, cold. It emits drafts, which its run numbers
 * and folds into `run` before the next one is asked for.
 *
 * ```text
 * decide          -t-t-a
 * execute               --p--x
 * evaluate                    -t-S
 * pipeline  (TS)-t-t-a----p---t-(Se)…     T: task_start, S: step_start, then score and step_end
 * ```
 */
export const pipeline = <Data extends JsonRecord>(
  ports: Ports<Data>,
  task: ResolvedTask<Data>,
  run: RunState<Data>,
  whenIdle: WhenIdle,
): Drafts<Data> => {
  const { purpose, maxSteps, earlyStopPhi } = task;
  return initialState(ports.environment, task).pipe(
    oneThen((initial) =>
      emitThen(draft('task_start', 0, { purpose, maxSteps, earlyStopPhi, initialState: initial }), () =>
        concatRange(maxSteps, (step) => whenIdle(() => takeStep({ ports, task, run, whenIdle, state: run.state ?? initial, step }))),
      ),
    ),
    takeWhile((event) => !isEnding(event), true),
  );
};
