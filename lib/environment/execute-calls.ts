import { concat, defer, EMPTY, of, tap, type Observable, type SchedulerLike } from 'rxjs';
import type { Action } from '../domain/action.js';
import type { JsonRecord } from '../domain/json.js';
import type { State } from '../domain/state.js';
import { errorText } from '../errors/describe-error.js';
import { mergeRange } from '../internal/merge-range.js';
import { callsOf, type Call } from './calls-of.js';
import { runTool } from './run-tool.js';
import type { AnyTool } from './tool.js';
import { toolEnded, toolStarted, type Observation, type ToolSignal } from './tool-signal.js';

/** What calls are run with. */
export interface ExecuteCallsConfig<Data extends JsonRecord> {
  readonly action: Action;
  readonly state: State<Data>;
  /** Makes the ids of the calls. */
  readonly createCallId: () => string;
  readonly tools: ReadonlyMap<string, AnyTool<Data>>;
  readonly concurrency: number;
  readonly scheduler: SchedulerLike | undefined;
}

/**
 * Runs the calls of an action, `concurrency` of them at a time: what is to be reported of them as it happens, then once
 * their observations in the order of the calls. Cold, never errors, and unsubscribing stops every tool.
 *
 * @internal
 */
export const executeCalls = <Data extends JsonRecord>(config: ExecuteCallsConfig<Data>): Observable<ToolSignal | readonly Observation[]> =>
  defer(() => {
    const { action, createCallId, concurrency } = config;
    const calls = callsOf(action).map((call) => ({ call, callId: createCallId() }));
    const observations: Observation[] = [];
    // Not by mergeMap, whose queue recurses: a model may ask for a thousand quick calls at once.
    const results = calls.map(({ call, callId }, index) =>
      executeCall(call, callId, config).pipe(
        tap((signal) => {
          if (signal.type === 'tool_end') observations[index] = signal.data;
        }),
      ),
    );
    const signals$ = mergeRange(results.length, concurrency, (position) => results[position - 1] ?? EMPTY);
    return concat(
      signals$,
      defer(() => of(observations)),
    );
  });

const executeCall = <Data extends JsonRecord>(call: Call, callId: string, config: ExecuteCallsConfig<Data>): Observable<ToolSignal> => {
  const { name, params } = call;
  const failed = (error: string): Observable<ToolSignal> =>
    of(toolStarted({ callId, name }, params), toolEnded({ callId, name }, { ok: false, error: errorText(error) }));
  if ('fault' in call) return failed(call.fault);
  const tool = config.tools.get(name);
  if (tool === undefined) return failed(`there is no tool ${JSON.stringify(name)}; ${listed([...config.tools.keys()])}`);
  return runTool({ tool, params: call.params, callId, state: config.state, scheduler: config.scheduler });
};

const listed = (names: readonly string[]): string => (names.length === 0 ? 'there are none' : `there are: ${names.join(', ')}`);
