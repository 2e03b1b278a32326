import { catchError, concat, defer, EMPTY, of, type Observable } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import type { State } from '../domain/state.js';
import { errorText } from '../errors/describe-error.js';
import { emitThen } from '../internal/emit-then.js';
import { attendTool } from './attend-tool.js';
import type { ExecuteContext } from './environment.js';
import type { AnyTool } from './tool.js';
import { toolContext } from './tool-context.js';
import type { ToolSettings } from './tool-settings.js';
import { toolEnded, toolStarted, type ToolSignal } from './tool-signal.js';

/** A call that may run. */
export interface RunToolConfig<Data extends JsonRecord> {
  readonly tool: AnyTool<Data>;
  /** As they are told. */
  readonly params: JsonRecord;
  /** As the tool takes them. */
  readonly decoded: unknown;
  readonly callId: string;
  readonly state: State<Data>;
  readonly settings: ToolSettings<Data>;
  readonly context: ExecuteContext | undefined;
  /** Whether its start has been told before: the run has been resumed. */
  readonly isBegun?: boolean;
}

/**
 * Runs one tool: `tool_start`, which is waited for until it is kept, its progress, then `tool_end`. Cold, and never errors:
 * whatever goes wrong is an end that is not ok. Unsubscribing stops the tool and aborts its signal.
 *
 * ```text
 * tool                 -p-v|
 * runTool              sp-(e|)     with s tool_start, p tool_progress, e tool_end
 * ```
 *
 * @internal
 */
export const runTool = <Data extends JsonRecord>(call: RunToolConfig<Data>): Observable<ToolSignal> => {
  const called = { callId: call.callId, name: call.tool.name };
  const goOn = (): Observable<ToolSignal> => {
    const { context } = call;
    if (context?.whenKept === undefined) return working(call, called);
    return concat(
      defer(() => context.whenKept?.() ?? EMPTY),
      defer(() => working(call, called)),
    ).pipe(
      // Nothing may follow a start that was not kept.
      catchError((error: unknown) =>
        of(toolEnded(called, { ok: false, error: `not run, as its start was not kept: ${errorText(error)}` })),
      ),
    );
  };
  return call.isBegun === true ? defer(goOn) : emitThen(toolStarted(called, call.params), goOn);
};

const working = <Data extends JsonRecord>(
  { tool, decoded, callId, state, settings, context }: RunToolConfig<Data>,
  called: { readonly callId: string; readonly name: string },
): Observable<ToolSignal> => {
  const { timeout, maxOutput, settleWithin, scheduler } = settings;
  const { context: given, abort } = toolContext(callId, context ?? {}, state);
  return attendTool({
    called,
    work: () => tool.run(decoded, given),
    abort,
    timeout: tool.timeout === undefined ? timeout : tool.timeout,
    maxOutput: tool.maxOutput ?? maxOutput,
    settleWithin,
    scheduler,
    tell: context?.tell,
  });
};
