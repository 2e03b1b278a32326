import type { Observable, ObservableInput } from 'rxjs';
import type { Action } from '../domain/action.js';
import type { ToolCallRecord } from '../domain/history.js';
import type { Json, JsonRecord } from '../domain/json.js';
import type { Meter } from '../domain/meter.js';
import type { Signal } from '../domain/signal.js';
import type { State } from '../domain/state.js';

/** One call of an action, as others are asked about it. */
export interface CallRequest {
  /** Unique within the run. */
  readonly callId: string;
  readonly name: string;
  readonly params: JsonRecord;
}

/** What became of a call that needs leave. */
export type Approval =
  /** With the parameters as they were approved: somebody may have edited them. */
  { readonly isApproved: true; readonly params: JsonRecord } | { readonly isApproved: false; readonly reason: string };

/** What becomes of a call that had begun and not ended when a run broke off. */
export type DoubtVerdict =
  | { readonly type: 'retry' }
  | { readonly type: 'fail'; readonly reason: string }
  /** Somebody knows what came of it. */
  | { readonly type: 'settled'; readonly output: Json };

/** Where in a run an action falls, and what the run lets its environment do. What is absent is not in use. */
export interface ExecuteContext {
  /** From 1. */
  readonly step: number;
  /** Makes an id for a call, unique within the run however often an action is executed: `1.1`, `1.2`, … */
  readonly createCallId: () => string;
  /** The run; with the id of a call it names that call among all runs. */
  readonly runId?: string;
  /** Asks whether a call may run, and emits once. To be asked before the call begins. */
  readonly approve?: (call: CallRequest) => Observable<Approval>;
  /** Completes when everything that was reported so far is kept: to be waited for before what cannot be undone. */
  readonly whenKept?: () => Observable<never>;
  /** Calls of this action that had begun before the run was resumed, by their ids. Those with a result are not run again. */
  readonly begun?: ReadonlyMap<string, ToolCallRecord>;
  /** Asks what to do with a call of {@link begun} that has no result, and emits once. */
  readonly resolveDoubt?: (call: CallRequest & { readonly isIdempotent: boolean }) => Observable<DoubtVerdict>;
  /** Tells what happens beside the execution or after it, such as a result that comes too late. */
  readonly tell?: (signal: Signal) => void;
  /** Counts what is asked of models on behalf of the run: for `LLMRequest.meter`, and for `Task.meter` of runs within it. */
  readonly meter?: Meter;
}

/**
 * The world that actions change.
 *
 * ```ts
 * const door: Environment = {
 *   reset: () => ({ data: { open: false } }),
 *   execute: (action, state) => ({ data: { ...state.data, open: action.name === 'open' } }),
 *   isTerminal: (state) => state.data['open'] === true,
 * };
 * ```
 */
export interface Environment<Data extends JsonRecord = JsonRecord> {
  /** The state to begin with, where a task brings none. A failure, or data that is not JSON, fails the run. */
  reset(): State<Data> | ObservableInput<State<Data>>;
  /**
   * What it has to report on the way, then exactly one new state; what follows it is ignored. A failure is an `error`
   * event, and the step goes on with the state before plus `_error`. Unsubscribed when the run is left or cancelled.
   */
  execute(action: Action, state: State<Data>, context?: ExecuteContext): State<Data> | Signal | ObservableInput<State<Data> | Signal>;
  /** Whether there is nothing left to do in a state. A failure fails the run. */
  isTerminal(state: State<Data>): boolean | ObservableInput<boolean>;
  /**
   * Whether it asks `context.approve` for each call by itself, so that the others of the same action go on. Left out, a run
   * waits for the approval of all calls of an action before it is executed.
   */
  readonly asksApproval?: boolean;
  /**
   * Whether it tells `tool_start` before each call does anything, waits for `context.whenKept` in between, and heeds
   * `context.begun`: a run that broke off then goes on call by call. Left out, an action that was under way is in doubt as
   * a whole.
   */
  readonly tellsCalls?: boolean;
}
