import * as t from 'io-ts';
import type { ObservableInput } from 'rxjs';
import { checkedCodec } from './checked-codec.js';
import { Json, type JsonRecord } from './json.js';
import { keyOf } from './key-of.js';
import type { Meter } from './meter.js';
import { objectCodec } from './object-codec.js';
import { Phi } from './purpose-score.js';
import { State } from './state.js';
import { Trajectory } from './trajectory.js';
import { Usage } from './usage.js';
import type { UserInput } from './user-input.js';

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
  /**
   * That of the context of a tool which runs this task: what it asks of models and its tool calls are then told and counted
   * in the run of that tool too, and held to its budget. No part of the JSON of a task.
   */
  readonly meter?: Meter | undefined;
  /**
   * What users say while the run is under way; no part of the JSON of a task. Subscribed when the run tells its start, and
   * let go of at its end. Each input is told when it comes, by `input_received`, and again when it takes effect, by `input_applied`,
   * or does not, by `input_dropped`: the run has ended, or it was no input. Actors are given what took effect as `notices`.
   * Where it completes the run goes on, and where it fails too: that is told by an `input_dropped` of its own.
   *
   * ```text
   * input$          -s--q      s: steer, q: queue
   * decide          --a--d-d   d: DONE, the first of which is dropped, as more was said
   * input_received  -s--q
   * input_applied   --s--q
   * ```
   */
  readonly input$?: ObservableInput<UserInput> | undefined;
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

/**
 * Why a run ended: of its own accord (`done`, `early_stop`, `terminal`, `max_steps`), by a stop policy (`stopped`), cut
 * short (`timeout`, `budget`, `cancelled`), or by an error (`failed`).
 */
export type StopReason = t.TypeOf<typeof StopReason>;
/** Codec of {@link StopReason}. */
export const StopReason = /* @__PURE__ */ keyOf('StopReason', [
  'done',
  'early_stop',
  'terminal',
  'max_steps',
  'stopped',
  'timeout',
  'budget',
  'cancelled',
  'failed',
]);

/** Whether a run that ended so may have been cut short in the middle of a step: its trajectory is no experience. */
export const isCutShort = (stopReason: StopReason): boolean => cutShort.has(stopReason);

const cutShort: ReadonlySet<string> = new Set(['failed', 'cancelled', 'timeout', 'budget']);

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
