import { concat, defer, EMPTY, of, tap, type Observable } from 'rxjs';
import type { Action } from '../domain/action.js';
import type { JsonRecord } from '../domain/json.js';
import type { State } from '../domain/state.js';
import { mergeRange } from '../internal/merge-range.js';
import { newId } from '../internal/new-id.js';
import { createCallSlots, type CallSlots } from './call-slots.js';
import { callsOf, type Call } from '../domain/calls-of.js';
import type { ExecuteContext } from './environment.js';
import { executeCall } from './execute-call.js';
import type { ToolSettings } from './tool-settings.js';
import type { Observation, ToolSignal } from './tool-signal.js';

/** What calls are run with. */
export interface ExecuteCallsConfig<Data extends JsonRecord> {
  readonly action: Action;
  readonly state: State<Data>;
  readonly settings: ToolSettings<Data>;
  readonly context: ExecuteContext | undefined;
}

/**
 * Runs the calls of an action, `concurrency` of them at a time: what is to be reported of them as it happens, then once
 * their observations in the order of the calls. Calls that wait for leave take no room. Cold, never errors, and
 * unsubscribing stops every tool.
 *
 * @internal
 */
export const executeCalls = <Data extends JsonRecord>(config: ExecuteCallsConfig<Data>): Observable<ToolSignal | readonly Observation[]> =>
  defer(() => {
    const { action, state, settings, context } = config;
    const createCallId = context?.createCallId ?? newId;
    const calls = callsOf(action).map((call) => ({ call, callId: createCallId() }));
    const slots = slotsFor(calls, config);
    const observations: Observation[] = [];
    // Not by mergeMap, whose queue recurses: a model may ask for a thousand quick calls at once.
    const signals$ = mergeRange(calls.length, slots === undefined ? settings.concurrency : calls.length, (position) => {
      const index = position - 1;
      const made = calls[index];
      if (made === undefined) return EMPTY;
      const begun = context?.begun?.get(made.callId);
      if (begun?.result !== undefined) {
        // It ended before the run was resumed, and was told then.
        observations[index] = { callId: begun.callId, name: begun.name, ...begun.result };
        return EMPTY;
      }
      return executeCall({ ...made, state, settings, context, slots }).pipe(
        tap((signal) => {
          if (signal.type === 'tool_end') observations[index] = signal.data;
        }),
      );
    });
    return concat(
      signals$,
      defer(() => of(observations)),
    );
  });

/** Room for the calls, where one may have to wait for something other than the end of another. */
const slotsFor = <Data extends JsonRecord>(
  calls: readonly { readonly call: Call }[],
  { settings: { tools, concurrency }, context }: ExecuteCallsConfig<Data>,
): CallSlots | undefined => {
  if (calls.length < 2) return undefined;
  const mayWait =
    context?.approve !== undefined || context?.begun !== undefined || calls.some(({ call }) => tools.get(call.name)?.sequential === true);
  return mayWait ? createCallSlots(concurrency) : undefined;
};
