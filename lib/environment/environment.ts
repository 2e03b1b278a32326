import type { ObservableInput } from 'rxjs';
import type { Action } from '../domain/action.js';
import type { JsonRecord } from '../domain/json.js';
import type { Signal } from '../domain/signal.js';
import type { State } from '../domain/state.js';

/** Where in a run an action falls. */
export interface ExecuteContext {
  /** From 1. */
  readonly step: number;
  /** Makes an id for a call, unique within the run however often an action is executed: `1.1`, `1.2`, … */
  readonly createCallId: () => string;
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
}
