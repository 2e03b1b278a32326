import * as t from 'io-ts';
import { checkedCodec } from './checked-codec.js';
import { Json, type JsonRecord } from './json.js';
import { objectCodec } from './object-codec.js';
import { Phi } from './purpose-score.js';
import { State } from './state.js';
import { Trajectory } from './trajectory.js';
import { Usage } from './usage.js';

/** What an orchestrator is asked to do. */
export interface Task<Data extends JsonRecord = JsonRecord> {
  /** The goal in plain words; not empty. */
  readonly purpose: string;
  /** Where to begin. Defaults to what `environment.reset()` gives. */
  readonly initialState?: State<Data> | undefined;
  /** The most steps that are taken, a whole number from 0. Defaults to 20. */
  readonly maxSteps?: number | undefined;
  /** The run ends at a step whose `phiAfter` is at least this, 0 to 10; `null` turns it off. Defaults to 9. */
  readonly earlyStopPhi?: number | null | undefined;
}

const Purpose = checkedCodec(
  'Purpose',
  (value): value is string => typeof value === 'string' && value.trim() !== '',
  () => 'expected a purpose in words',
);

const StepLimit = checkedCodec(
  'StepLimit',
  (value): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0,
  (value) => `expected a whole number from 0, got ${String(value)}`,
);

/** Codec of {@link Task}. */
export const Task = objectCodec(
  'Task',
  { purpose: Purpose },
  { initialState: State, maxSteps: StepLimit, earlyStopPhi: t.union([Phi, t.null]) },
);

/** Why a run ended. Later features may add theirs. */
export type StopReason = t.TypeOf<typeof StopReason>;
/** Codec of {@link StopReason}. */
export const StopReason = /* @__PURE__ */ t.keyof(
  { done: null, early_stop: null, terminal: null, max_steps: null, cancelled: null, failed: null },
  'StopReason',
);

/** What came of a run. */
export interface TaskResult<Data extends JsonRecord = JsonRecord> {
  readonly runId: string;
  readonly trajectory: Trajectory<Data>;
  readonly stopReason: StopReason;
  /** The state at the end; `null` where the run ended before it had an initial one. */
  readonly finalState: State<Data> | null;
  /** What the action DONE gave as `params.answer`. */
  readonly answer?: Json;
  /** The sum of what the ports reported. */
  readonly usage: Usage;
}
/** Codec of {@link TaskResult}. */
export const TaskResult = objectCodec(
  'TaskResult',
  { runId: t.string, trajectory: Trajectory, stopReason: StopReason, finalState: t.union([State, t.null]), usage: Usage },
  { answer: Json },
);
