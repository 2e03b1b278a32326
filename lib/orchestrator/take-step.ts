import { of, throwError, type Observable } from 'rxjs';
import { isDone, type Action } from '../domain/action.js';
import type { JsonRecord } from '../domain/json.js';
import { meterOf } from '../domain/meter.js';
import type { PurposeScore } from '../domain/purpose-score.js';
import type { RunState } from '../domain/run-state.js';
import type { State } from '../domain/state.js';
import { draft, type EventDraft, type PlainEventDraft } from '../domain/stream-event.js';
import type { Trajectory } from '../domain/trajectory.js';
import { ContractError } from '../errors/contract-error.js';
import { errorText } from '../errors/describe-error.js';
import { andThen } from '../internal/and-then.js';
import { emitThen } from '../internal/emit-then.js';
import { oneThen } from '../internal/one-then.js';
import { gated } from './approval-gate.js';
import { decideWithInput } from './decide-with-input.js';
import { decide } from './decide.js';
import { evaluate } from './evaluate.js';
import { execute, isExecuted, type Execution } from './execute.js';
import { concludeStep, finishStep } from './finish-step.js';
import type { Inbox } from './inbox.js';
import { interruptible, stayInterrupted } from './interruptible.js';
import type { Ports } from './ports.js';
import { recall } from './recall.js';
import type { ResolvedTask } from './resolve-task.js';
import type { Resumption } from './resume.js';
import { executeInDoubt, resumedCalls, resumeStep } from './resume-step.js';
import type { Halt, RunControl } from './run-control.js';
import { meteredCalls, meterFor } from './run-meter.js';
import { toldBeside } from './told-beside.js';

/** Where in a run a step stands. */
export interface StepContext<Data extends JsonRecord> {
  readonly ports: Ports<Data>;
  readonly task: ResolvedTask<Data>;
  /** The fold of everything that has happened: the pipeline reads it, its run writes it. */
  readonly run: RunState<Data>;
  readonly control: RunControl;
  /** `undefined`: nobody says anything on the way. */
  readonly inbox: Inbox | undefined;
  /** The state before the step. */
  readonly state: State<Data>;
  readonly step: number;
  /** `undefined`: the step begins with the run. */
  readonly resumption?: Resumption<Data>;
}

type Drafts<Data extends JsonRecord> = Observable<EventDraft<Data> | Halt>;

const isAction = (event: PlainEventDraft): event is PlainEventDraft & { readonly type: 'action' } => event.type === 'action';
const isScore = (event: PlainEventDraft): event is PlainEventDraft & { readonly type: 'score' } => event.type === 'score';

/** `token* action`, after what experience offers has been asked for. */
const deciding = <Data extends JsonRecord>(context: StepContext<Data>, first = 1): Observable<PlainEventDraft> => {
  const { ports, task, run, control, inbox, state, step, resumption } = context;
  const { purpose } = task;
  const { history, turns, notices } = run;
  const attemptWith = (recalled: readonly Trajectory[], attempt = first): Observable<PlainEventDraft> =>
    decide(ports.actor, {
      ...{ purpose, state, history, turns, step, recalled, ...meterFor(control, 'actor') },
      ...(notices.length === 0 ? {} : { notices }),
      ...(attempt === 1 ? {} : { attempt }),
    });
  const decideWith = (recalled: readonly Trajectory[]): Observable<PlainEventDraft> =>
    inbox === undefined
      ? attemptWith(recalled)
      : decideWithInput({ inbox, control, step, attempt: first }, (attempt) => attemptWith(recalled, attempt));
  if (ports.experience === undefined) return decideWith([]);
  return recall(ports.experience, ports, { purpose, state, step }).pipe(
    oneThen(({ recalled, error }) =>
      // There is no room for it in a decision that is resumed: it was told or not when that began.
      error === undefined || resumption !== undefined
        ? decideWith(recalled)
        : emitThen(draft('experience_error', step, { error }), () => decideWith(recalled)),
    ),
  );
};

/** `token* score step_end (early_stop | terminal)?` */
const judging = <Data extends JsonRecord>(
  { ports, task, run, control, state, step }: StepContext<Data>,
  action: Action,
  stateAfter: State<Data>,
  attempt = 1,
): Drafts<Data> =>
  evaluate(ports.purposeFunction, {
    ...{ purpose: task.purpose, stateBefore: state, action, stateAfter, step, scores: run.scores },
    ...meterFor(control, 'purpose'),
    ...(attempt === 1 ? {} : { attempt }),
  }).pipe(
    andThen({
      isFinal: isScore,
      project: (scored): Drafts<Data> =>
        emitThen(scored, () =>
          finishStep({ environment: ports.environment, earlyStopPhi: task.earlyStopPhi, step }, stateAfter, scored.data),
        ),
      missing: () => new ContractError('The purpose function completed without a score.'),
    }),
  );

/** `work*`, where it may be done, and as long as nobody interrupts it. */
const executing = <Data extends JsonRecord>(context: StepContext<Data>, action: Action): Observable<Execution<Data>> => {
  const { ports, run, control, inbox, state, step, resumption } = context;
  const { environment, approve, scheduler } = ports;
  if (resumption !== undefined && resumption.interrupts.length > 0) return stayInterrupted(control, run, resumption.interrupts);
  const gate = approve && { config: approve, run, control, step, scheduler };
  const beside = { ...toldBeside(control, run), ...(resumption && resumedCalls(resumption)) };
  const execution$ = gated(gate, environment, action, (allowed, given) =>
    meteredCalls(control, allowed, run.calls.size, (meter) =>
      execute(environment, allowed, state, step, { ...beside, ...meterOf({ meter }), ...given }),
    ),
  );
  const work$ = resumption === undefined ? execution$ : executeInDoubt(resumption, environment, action, execution$);
  return inbox === undefined ? work$ : work$.pipe(interruptible(inbox, run));
};

/** The state that an action led to, told and kept before it is judged where there is a journal. */
const executed = <Data extends JsonRecord>(
  { control, step }: StepContext<Data>,
  state: State<Data>,
  judge: () => Drafts<Data>,
): Drafts<Data> => (control.whenKept === undefined ? judge() : emitThen(draft('executed', step, { state }), () => control.whenIdle(judge)));

/** `work* error? token* score …`: a failure of the environment is an event, and the step goes on. */
const acting = <Data extends JsonRecord>(context: StepContext<Data>, action: Action): Drafts<Data> => {
  const { run, control, state, step } = context;
  // As it may have been edited.
  const done = (): Action => run.action ?? action;
  return executing(context, action).pipe(
    andThen({
      isFinal: isExecuted<Data>,
      project: (made) => executed(context, made.state, () => judging(context, done(), made.state)),
      missing: () => new ContractError(`The environment gave no state after ${action.name}.`),
      recover: (error): Drafts<Data> => {
        const text = errorText(error);
        return emitThen(draft('error', step, { error: text }), () =>
          control.whenIdle(() => judging(context, done(), { ...state, data: { ...state.data, _error: text } })),
        );
      },
    }),
  );
};

/** `token* action`, and what follows it. */
const decideAndAct = <Data extends JsonRecord>(context: StepContext<Data>, attempt?: number): Drafts<Data> => {
  const { step, control } = context;
  return deciding(context, attempt).pipe(
    andThen({
      isFinal: isAction,
      project: (decided): Drafts<Data> =>
        emitThen(decided, () =>
          isDone(decided.data) ? of(draft('done', step, {})) : control.whenIdle(() => acting(context, decided.data)),
        ),
      missing: () => new ContractError('The actor completed without an action.'),
    }),
  );
};

/** One step: decide → execute → evaluate. */
export const takeStep = <Data extends JsonRecord>(context: StepContext<Data>): Drafts<Data> =>
  emitThen(draft('step_start', context.step, { step: context.step }), () => decideAndAct(context));

const notKnown = (step: number): ContractError =>
  new ContractError(
    `This run cannot be resumed: its log does not hold what the environment made of the action of step ${step}, and the environment cannot find out without doing it again. Keep runs in a journal, which tells it.`,
  );

/** The rest of a step that broke off. */
export const takeRestOfStep = <Data extends JsonRecord>(context: StepContext<Data>, resumption: Resumption<Data>): Drafts<Data> => {
  const { ports, task, control, state, step } = context;
  const { environment } = ports;
  const resumed = { ...context, resumption };
  const config = { environment, earlyStopPhi: task.earlyStopPhi, step };
  return resumeStep(resumption, {
    state,
    decide: (attempt) => decideAndAct(resumed, attempt),
    act: (action) => control.whenIdle(() => acting(resumed, action)),
    // It was at its end: there is nothing left of it that a user could interrupt.
    execute: (action) =>
      environment.tellsCalls === true ? executing({ ...resumed, inbox: undefined }, action) : throwError(() => notKnown(step)),
    judge: (action, stateAfter, attempt) => judging(context, action, stateAfter, attempt),
    finish: (stateAfter, score) => finishStep(config, stateAfter, score),
    conclude: (stateAfter, score: PurposeScore) => concludeStep(config, stateAfter, score),
  });
};
