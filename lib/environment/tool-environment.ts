import { asyncScheduler, map, type Observable, type ObservableInput, type SchedulerLike } from 'rxjs';
import type { Action } from '../domain/action.js';
import type { Json, JsonRecord } from '../domain/json.js';
import type { Signal } from '../domain/signal.js';
import type { State } from '../domain/state.js';
import type { Environment, ExecuteContext } from './environment.js';
import { executeCalls } from './execute-calls.js';
import type { AnyTool } from './tool.js';
import { toolSettings } from './tool-settings.js';
import type { Observation } from './tool-signal.js';

/** Configuration of {@link toolEnvironment}. */
export interface ToolEnvironmentConfig<Data extends JsonRecord = JsonRecord> {
  /** What an agent can do here. */
  readonly tools: readonly AnyTool<NoInfer<Data>>[];
  /** The state to begin with. Defaults to `{ data: {} }`. */
  readonly initialState?: State<Data>;
  /** How many calls of a `parallel` action run at a time, a whole number from 1. Defaults to 4. */
  readonly concurrency?: number;
  /** The longest a call may take, in milliseconds, above 0; `null`: no limit. A tool may have its own. Defaults to 600,000. */
  readonly timeout?: number | null;
  /**
   * How long a Promise or an async iterable may take to end once its signal was aborted at its timeout, in milliseconds from
   * 0, before its call is told as unsettled. Defaults to 100.
   */
  readonly settleWithin?: number;
  /**
   * The longest output or progress value of a call, in UTF-16 code units of its JSON, a whole number from 100. A longer text
   * is cut, anything else that is longer becomes its JSON as a text and is cut, with a note of how much is missing. A tool
   * may have its own. Defaults to 100,000.
   */
  readonly maxOutput?: number;
  /** Whether there is nothing left to do in a state. Defaults to never. */
  readonly isTerminal?: (state: State<Data>) => boolean | ObservableInput<boolean>;
  /**
   * Makes the new state from what the calls of an action came to, in call order. By default they are appended to
   * `data.observations`, of which the newest 50 are kept; `data._error` and the summary, both of the state before, go.
   */
  readonly reduce?: (state: State<Data>, observations: readonly Observation[], action: Action) => State<Data>;
  /** The clock of timeouts. Defaults to RxJS's `asyncScheduler`. */
  readonly scheduler?: SchedulerLike;
}

/** An environment that is made of tools. */
export interface ToolEnvironment<Data extends JsonRecord = JsonRecord> extends Environment<Data> {
  /** The tools, to be described to a model. */
  readonly tools: readonly AnyTool<Data>[];
  /** Cold: each subscription runs the tools. */
  execute(action: Action, state: State<Data>, context?: ExecuteContext): Observable<State<Data> | Signal>;
}

/** How many observations a state keeps by default. */
const OBSERVATIONS_KEPT = 50;

/** Ten minutes: longer than what people wait for, and short of for ever. */
const TIMEOUT = 600_000;

/** How long a tool that was told to stop may take to do so, in milliseconds. */
const SETTLE_WITHIN = 100;

/** The longest output, in UTF-16 code units of its JSON. */
const MAX_OUTPUT = 100_000;

/**
 * An environment whose actions are tools.
 *
 * An action names one tool, or is `parallel` with `params.calls`, a list of `{ name, params }` that run side by side, at
 * most `concurrency` at a time. Each call is reported as `tool_start`, `tool_progress`, `tool_end`, interleaved as they
 * happen; the state that follows holds the observations in call order, `{ callId, name, ok: true, output }` or
 * `{ callId, name, ok: false, error, settlement? }`.
 *
 * ```text
 * tool a                      --a|
 * tool b                      -b|
 * execute(parallel of a, b)   (ab)BA|   with a, b their starts and A, B their ends; then, with A, the new state
 * ```
 *
 * A call that takes longer than its timeout is stopped: its signal is aborted, and it ends as `settlement: 'timeout'`, or
 * as `'unsettled'` where a Promise or an async iterable goes on all the same. What such a one delivers after its end, and
 * after the run was left, is told as `tool_late_result`; only that it obeyed its signal is not.
 * Work that never lets go of the event loop can be stopped by nobody; an async iterable that always has its next value at
 * hand is such work, too.
 *
 * ```text
 * a Promise that ignores its signal    -------v
 * execute, timeout 3, settleWithin 2   s----(uS)     with u its end as unsettled; v is told at 7
 * ```
 *
 * Leave is asked for each call by itself before it begins, and one that is denied ends as not ok; the others go on. In a
 * resumed run, calls that had ended are not run again, and of those that had begun it is asked what to do.
 *
 * Output that is no JSON, that is nested deeper than 500 levels included, is a failure of its call.
 *
 * `execute` is cold and errors only where `reduce` throws: an unknown tool, bad parameters and a tool that fails or takes
 * too long are observations with what was wrong, and the other calls keep their results. Unsubscribing stops every tool
 * and aborts its signal before it returns. Tools that are Observables run in virtual time under `TestScheduler.run`.
 *
 * ```ts
 * const environment = toolEnvironment({
 *   tools: [tool({ name: 'add', params: t.strict({ a: t.number, b: t.number }), run: ({ a, b }) => a + b })],
 * });
 * ```
 *
 * @throws ContractError - Where names are empty, taken twice or reserved (`DONE` in any case, `parallel`), or a number is
 * out of its range.
 */
export function toolEnvironment<Data extends JsonRecord = JsonRecord>(config: ToolEnvironmentConfig<Data>): ToolEnvironment<Data> {
  const { isTerminal = () => false, reduce = appendObservations } = config;
  const tools = [...config.tools];
  const settings = toolSettings({
    tools,
    concurrency: config.concurrency ?? 4,
    timeout: config.timeout === undefined ? TIMEOUT : config.timeout,
    settleWithin: config.settleWithin ?? SETTLE_WITHIN,
    maxOutput: config.maxOutput ?? MAX_OUTPUT,
    scheduler: config.scheduler ?? asyncScheduler,
  });
  // `{}` is data of the default shape, the only one that may leave the initial state out.
  const initialState = config.initialState ?? ({ data: {} } as State<Data>);
  return {
    tools,
    reset: () => initialState,
    execute: (action, state, context) =>
      executeCalls({ action, state, settings, context }).pipe(map((item) => ('type' in item ? item : reduce(state, item, action)))),
    isTerminal,
    asksApproval: true,
    tellsCalls: true,
  };
}

/** The state without its failure and summary, which told of the one before, and with what is new. */
const appendObservations = <Data extends JsonRecord>(state: State<Data>, observations: readonly Observation[]): State<Data> => {
  const { _error, observations: before, ...rest }: { readonly [key: string]: Json } = state.data;
  const kept = [...(isList(before) ? before : []), ...observations].slice(-OBSERVATIONS_KEPT);
  // Whoever uses the default declares `observations` in their data, or does without its type.
  return { data: { ...rest, observations: kept } as JsonRecord as Data };
};

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);
