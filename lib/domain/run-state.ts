import { PARALLEL, type Action } from './action.js';
import { actionText, scoreText, type HistoryEntry, type ToolCallRecord, type Turn } from './history.js';
import { isRecord } from './is-record.js';
import type { Json, JsonRecord } from './json.js';
import type { Notice } from './notice.js';
import type { PurposeScore } from './purpose-score.js';
import type { State } from './state.js';
import type { EventDraft, StreamEvent, StreamEventData } from './stream-event.js';
import type { StopReason, TaskResult } from './task.js';
import { trajectoryOf, type Trajectory, type TrajectoryStep } from './trajectory.js';
import { addUsage, noUsage, type Usage } from './usage.js';
import type { UserInput } from './user-input.js';

/** How the loop came to its end of its own accord. */
export type Ending = 'done' | 'early_stop' | 'terminal';

/**
 * Everything a run is, as a fold over its events. The lists belong to the run and only ever grow: copying them at each
 * step would make a run quadratic.
 */
export interface RunState<Data extends JsonRecord = JsonRecord> {
  /** Empty before the first event. */
  runId: string;
  purpose: string;
  /** The step under way, from 1; 0 before the first. */
  step: number;
  /** The state now; `null` before there is one. */
  state: State<Data> | null;
  /** What the actor decided in the step under way; `null` before it has. */
  action: Action | null;
  /** The score of the step under way; `null` before there is one. */
  score: PurposeScore | null;
  /** What the environment made of the action, where that is told before it is scored; `null` elsewhere. */
  executed: State<Data> | null;
  /** The tool calls of the step under way by id, in the order in which they began. */
  calls: Map<string, ToolCallRecord>;
  /** What was decided about the calls of the step under way that needed leave, by their ids; `null` while somebody is asked. */
  approvals: Map<string, StreamEventData<'approval_decision'> | null>;
  ending: Ending | null;
  stopReason: StopReason | null;
  answer: Json | undefined;
  usage: Usage;
  /** What was said to the agent, by users and by stop policies. */
  readonly notices: Notice[];
  /** What users have said that has not taken effect yet, by its id, oldest first. */
  readonly inputs: Map<string, UserInput>;
  /** How much users have said so far, whatever became of it. */
  inputCount: number;
  readonly history: HistoryEntry[];
  readonly turns: Turn[];
  readonly scores: PurposeScore[];
  readonly steps: TrajectoryStep<Data>[];
}

/**
 * A run to which nothing has happened yet: the seed of a fold.
 *
 * @internal
 */
export const createRunState = <Data extends JsonRecord = JsonRecord>(runId = '', purpose = ''): RunState<Data> => ({
  runId,
  purpose,
  step: 0,
  state: null,
  action: null,
  score: null,
  executed: null,
  calls: new Map(),
  approvals: new Map(),
  ending: null,
  stopReason: null,
  answer: undefined,
  usage: noUsage,
  notices: [],
  inputs: new Map(),
  inputCount: 0,
  history: [],
  turns: [],
  scores: [],
  steps: [],
});

const endCall = (run: RunState, { callId, ok, output, error, settlement }: StreamEventData<'tool_end'>): void => {
  const call = run.calls.get(callId);
  if (call === undefined) return;
  run.calls.set(callId, {
    ...call,
    result: ok ? { ok, output: output ?? null } : { ok, error: error ?? '', ...(settlement && { settlement }) },
  });
};

/** Appends the finished step to the lists of the run. A run that was joined late has no state before its first step. */
const endStep = <Data extends JsonRecord>(run: RunState<Data>, { state, stateSummary }: StreamEventData<'step_end', Data>): void => {
  const { action, score, state: stateBefore, step } = run;
  run.state = state;
  if (action === null || score === null || stateBefore === null) return;
  run.steps.push({ stateBefore, action, stateAfter: state, score, step });
  run.scores.push(score);
  run.history.push({ action: actionText(action.name, action.params), result: stateSummary, score: scoreText(score) });
  run.turns.push({ action, calls: [...run.calls.values()], result: stateSummary });
};

const beginStep = (run: RunState, step: number): void => {
  run.step = step;
  run.action = null;
  run.score = null;
  run.executed = null;
  if (run.calls.size > 0) run.calls = new Map();
  if (run.approvals.size > 0) run.approvals = new Map();
};

/** The action with the parameters of one of its calls as somebody edited them. */
const editedAction = (action: Action, { callId, decision, params }: StreamEventData<'approval_decision'>): Action => {
  if (decision !== 'edit' || !isRecord(params)) return action;
  if (action.name !== PARALLEL) return { ...action, params };
  // Calls are numbered within their step, from 1.
  const index = Number(callId.split('.').at(-1)) - 1;
  const { calls } = action.params;
  if (!Array.isArray(calls)) return action;
  const edited = calls.map((call: Json, at) => (at === index && isRecord(call) ? { ...call, params } : call));
  return { ...action, params: { ...action.params, calls: edited } };
};

/**
 * Takes one event into the run and gives the same run back, as the accumulator of a `reduce` that owns its seed. Types
 * that it does not know change nothing.
 *
 * @internal
 */
export function advanceRun<Data extends JsonRecord>(run: RunState<Data>, event: EventDraft<Data>): RunState<Data> {
  switch (event.type) {
    case 'task_start':
      run.purpose = event.data.purpose;
      run.state = event.data.initialState;
      break;
    case 'step_start':
      beginStep(run, event.data.step);
      break;
    case 'usage':
      run.usage = addUsage(run.usage, event.data);
      break;
    case 'action':
      run.action = event.data;
      break;
    case 'approval_request':
      run.approvals.set(event.data.callId, null);
      break;
    case 'approval_decision':
      run.approvals.set(event.data.callId, event.data);
      if (run.action !== null) run.action = editedAction(run.action, event.data);
      break;
    case 'input_received':
      run.inputCount += 1;
      run.inputs.set(event.data.id, { mode: event.data.mode, message: event.data.message });
      break;
    case 'input_dropped':
      // What was no input has not been received either.
      if (!run.inputs.delete(event.data.id)) run.inputCount += 1;
      break;
    case 'input_applied':
      run.inputs.delete(event.data.id);
      run.notices.push({ from: 'input', message: event.data.message, step: event.step });
      break;
    case 'nudge':
      run.notices.push({ from: 'nudge', message: event.data.message, step: event.step, policy: event.data.policy });
      break;
    case 'executed':
      run.executed = event.data.state;
      break;
    case 'tool_start':
      run.calls.set(event.data.callId, { callId: event.data.callId, name: event.data.name, params: event.data.params });
      break;
    case 'tool_end':
      endCall(run, event.data);
      break;
    case 'done':
      run.ending = event.type;
      run.answer = run.action?.params['answer'];
      break;
    case 'early_stop':
    case 'terminal':
      run.ending = event.type;
      break;
    case 'score':
      run.score = event.data;
      break;
    case 'step_end':
      endStep(run, event.data);
      break;
    case 'task_end':
      run.stopReason = event.data.stopReason;
      break;
    case 'run_resumed':
      // A log as it was written has the end that it had been brought to before.
      run.stopReason = null;
      break;
    default:
  }
  return run;
}

/**
 * Everything a run is, out of its events: `foldRun(log)`. Pure; of any prefix of a log it gives the run as it was then.
 *
 * ```ts
 * const { state, usage, history } = foldRun(JSON.parse(log));
 * ```
 */
export const foldRun = <Data extends JsonRecord = JsonRecord>(events: Iterable<StreamEvent<Data>>): Readonly<RunState<Data>> => {
  const run = createRunState<Data>();
  for (const event of events) {
    run.runId = event.runId;
    advanceRun(run, event);
  }
  return run;
};

/** What a run did so far, totals included: `runTrajectory(foldRun(log))`. Costs as much as the run is long. */
export const runTrajectory = <Data extends JsonRecord>(run: Readonly<RunState<Data>>): Trajectory<Data> =>
  trajectoryOf(run.purpose, run.steps);

/** What came of a run: `runResult(foldRun(log))`. `undefined` where it has not ended. */
export const runResult = <Data extends JsonRecord>(run: Readonly<RunState<Data>>): TaskResult<Data> | undefined =>
  run.stopReason === null
    ? undefined
    : {
        runId: run.runId,
        trajectory: runTrajectory(run),
        stopReason: run.stopReason,
        finalState: run.state,
        ...(run.answer === undefined ? {} : { answer: run.answer }),
        usage: run.usage,
      };
