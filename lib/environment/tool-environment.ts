import { map, type Observable, type ObservableInput, type SchedulerLike } from 'rxjs';
import { DONE, PARALLEL, type Action } from '../domain/action.js';
import type { Json, JsonRecord } from '../domain/json.js';
import type { Signal } from '../domain/signal.js';
import type { State } from '../domain/state.js';
import { ContractError } from '../errors/contract-error.js';
import { newId } from '../internal/new-id.js';
import type { Environment, ExecuteContext } from './environment.js';
import { executeCalls } from './execute-calls.js';
import type { AnyTool } from './tool.js';
import type { Observation } from './tool-signal.js';

/** Configuration of {@link toolEnvironment}. */
export interface ToolEnvironmentConfig<Data extends JsonRecord = JsonRecord> {
  /** What an agent can do here. */
  readonly tools: readonly AnyTool<NoInfer<Data>>[];
  /** The state to begin with. Defaults to `{ data: {} }`. */
  readonly initialState?: State<Data>;
  /** How many calls of a `parallel` action run at a time, a whole number from 1. Defaults to 4. */
  readonly concurrency?: number;
  /** Whether there is nothing left to do in a state. Defaults to never. */
  readonly isTerminal?: (state: State<Data>) => boolean | ObservableInput<boolean>;
  /**
   * Makes the new state from what the calls of an action came to, in call order. By default they are appended to
   * `data.observations`, of which the newest 50 are kept; `data._error` and the summary, both of the state before, go.
   */
  readonly reduce?: (state: State<Data>, observations: readonly Observation[], action: Action) => State<Data>;
  /** The clock of the timeouts of the tools. Defaults to RxJS's `asyncScheduler`. */
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

/** The longest delay that timers can hold, in milliseconds; a longer one would fire at once. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/**
 * An environment whose actions are tools.
 *
 * An action names one tool, or is `parallel` with `params.calls`, a list of `{ name, params }` that run side by side, at
 * most `concurrency` at a time. Each call is reported as `tool_start`, `tool_progress`, `tool_end`, interleaved as they
 * happen; the state that follows holds the observations in call order, `{ callId, name, ok: true, output }` or
 * `{ callId, name, ok: false, error }`.
 *
 * ```text
 * tool a                      --a|
 * tool b                      -b|
 * execute(parallel of a, b)   (ab)BA|   with a, b their starts and A, B their ends; then, with A, the new state
 * ```
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
 * @throws ContractError - Where names are empty, taken twice or reserved (`DONE` in any case, `parallel`), `concurrency`
 * is no whole number from 1, or a timeout is not above 0.
 */
export function toolEnvironment<Data extends JsonRecord = JsonRecord>(config: ToolEnvironmentConfig<Data>): ToolEnvironment<Data> {
  const { concurrency = 4, isTerminal = () => false, reduce = appendObservations, scheduler } = config;
  if (!Number.isSafeInteger(concurrency) || concurrency < 1)
    throw new ContractError(`concurrency is to be a whole number from 1, and is ${String(concurrency)}.`);
  const tools = [...config.tools];
  const byName = indexed(tools);
  // `{}` is data of the default shape, the only one that may leave the initial state out.
  const initialState = config.initialState ?? ({ data: {} } as State<Data>);
  return {
    tools,
    reset: () => initialState,
    execute: (action, state, context) =>
      executeCalls({ action, state, createCallId: context?.createCallId ?? newId, tools: byName, concurrency, scheduler }).pipe(
        map((item) => ('type' in item ? item : reduce(state, item, action))),
      ),
    isTerminal,
  };
}

const indexed = <Data extends JsonRecord>(tools: readonly AnyTool<Data>[]): ReadonlyMap<string, AnyTool<Data>> => {
  const byName = new Map<string, AnyTool<Data>>();
  for (const tool of tools) {
    const { name, timeout } = tool;
    if (name.trim() === '') throw new ContractError('A tool has an empty name.');
    if (name.toUpperCase() === DONE || name === PARALLEL) throw new ContractError(`A tool cannot be named ${name}: that name is reserved.`);
    if (byName.has(name)) throw new ContractError(`Two tools are named ${name}.`);
    if (timeout !== undefined && !(timeout > 0 && timeout <= LONGEST_TIMEOUT))
      throw new ContractError(`The timeout of ${name} is to be above 0 and at most ${LONGEST_TIMEOUT} ms, and is ${String(timeout)}.`);
    byName.set(name, tool);
  }
  return byName;
};

/** The state without its failure and summary, which told of the one before, and with what is new. */
const appendObservations = <Data extends JsonRecord>(state: State<Data>, observations: readonly Observation[]): State<Data> => {
  const { _error, observations: before, ...rest }: { readonly [key: string]: Json } = state.data;
  const kept = [...(isList(before) ? before : []), ...observations].slice(-OBSERVATIONS_KEPT);
  // Whoever uses the default declares `observations` in their data, or does without its type.
  return { data: { ...rest, observations: kept } as JsonRecord as Data };
};

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);
