import { defer, type Observable, type ObservableInput } from 'rxjs';
import type { Action } from '../../domain/action.js';
import type { JsonRecord } from '../../domain/json.js';
import type { State } from '../../domain/state.js';
import type { Environment, ExecuteContext } from '../../environment/environment.js';
import { createScript } from '../../internal/script.js';
import { playEnvironmentStep, type EnvironmentPiece, type EnvironmentStep, type StateBefore } from './environment-script.js';
import type { Play, ScriptedPortConfig } from './port-script.js';

/** Configuration of {@link scriptedEnvironment}. */
export interface ScriptedEnvironmentConfig<Data extends JsonRecord = JsonRecord> extends ScriptedPortConfig {
  /** What `reset` gives. Defaults to `{ data: {} }`. */
  readonly initialState?: State<Data> | undefined;
  /** Whether there is nothing left to do in a state. Defaults to never. */
  readonly isTerminal?: ((state: State<Data>) => boolean | ObservableInput<boolean>) | undefined;
}

/** What an environment was asked to execute. */
export interface ExecuteCall<Data extends JsonRecord = JsonRecord> {
  readonly action: Action;
  /** The state before. */
  readonly state: State<Data>;
}

/** An environment that plays a script. */
export interface ScriptedEnvironment<Data extends JsonRecord = JsonRecord> extends Environment<Data> {
  /** What it was asked to execute so far, oldest first: frozen copies as it came in. The list grows. */
  readonly calls: readonly ExecuteCall<Data>[];
  /**
   * Throws a `ScriptError` where steps were not used, or executions were asked for that there was no step for; it says
   * which. A run takes the failure of an environment for data and goes on, so this alone fails a test of it.
   */
  verify(): void;
  /** Cold: a subscription takes the next step. */
  execute(action: Action, state: State<Data>, context?: ExecuteContext): Observable<EnvironmentPiece<Data>>;
}

/**
 * An environment that plays its steps, one an execution, so that agents run without a world and, in marble tests, in
 * virtual time.
 *
 * ```text
 * { data: { n: 1 } }                                              (n|)        n: the state given here
 * [signal('knock', {}), { data: { n: 1 } }]                       (kn|)
 * { marbles: '--k-(s|)', values: { k: signal('knock', {}) } }     --k-(s|)    s: the state before
 * new Error('jammed')                                             #
 * ```
 *
 * Cold: a subscription to what `execute` gives takes the next step and is noted in `calls`; runs that share it take
 * their steps from one list. Unsubscribing stops the step, which counts as used. It keeps a copy of every call. The type
 * of its data is that of `initialState`; without one it is any JSON.
 *
 * ```ts
 * const environment = scriptedEnvironment([{ data: { n: 1 } }, new Error('jammed')], { initialState: { data: { n: 0 } } });
 * const orchestrator = createOrchestrator({
 *   actor: scriptedActor(['push', 'push', 'DONE']),
 *   purposeFunction: scriptedPurposeFunction([1, 1]),
 *   environment,
 * });
 * orchestrator.runTask({ purpose: 'open the door' }).subscribe(({ finalState }) => {
 *   console.log(finalState?.data); // { n: 1, _error: 'jammed' }
 *   environment.verify(); // throws where the run took fewer or more executions
 * });
 * ```
 *
 * @param steps - What each execution is; see {@link EnvironmentStep}.
 * @throws `ScriptError` in the stream at an execution that has no step; when it is made, at marbles that make no sense
 * and at letters that stand for nothing.
 */
export function scriptedEnvironment<Data extends JsonRecord>(
  steps: readonly EnvironmentStep<NoInfer<Data>>[],
  config: ScriptedEnvironmentConfig<Data> & { readonly initialState: State<Data> },
): ScriptedEnvironment<Data>;
export function scriptedEnvironment(steps: readonly EnvironmentStep[], config?: ScriptedEnvironmentConfig): ScriptedEnvironment;
export function scriptedEnvironment(
  steps: readonly EnvironmentStep[],
  { initialState = { data: {} }, isTerminal = () => false, scheduler }: ScriptedEnvironmentConfig = {},
): ScriptedEnvironment {
  const script = createScript<EnvironmentStep, ExecuteCall, Play<StateBefore, EnvironmentPiece>>({
    steps,
    play: (step) => playEnvironmentStep(step, scheduler),
    whose: 'environment',
    call: 'execution',
  });
  return {
    calls: script.calls,
    reset: () => initialState,
    execute: (action, state) => defer(() => script.take({ action, state })({ state })),
    isTerminal,
    verify: script.verify,
  };
}
