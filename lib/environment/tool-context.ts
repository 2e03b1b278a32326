import type { JsonRecord } from '../domain/json.js';
import { meterOf } from '../domain/meter.js';
import type { State } from '../domain/state.js';
import type { ExecuteContext } from './environment.js';
import type { ToolContext } from './tool.js';

/** What a call is given, and the hand on its signal. */
export interface CallContext<Data extends JsonRecord> {
  readonly context: ToolContext<Data>;
  /** Aborts the signal; without a reason, with one named `AbortError`. What follows the first time changes nothing. */
  readonly abort: (reason?: Error) => void;
}

/**
 * Makes the context of a call. Its AbortController is made when its signal is asked for: it costs more than a synchronous
 * tool does.
 *
 * @internal
 */
export const toolContext = <Data extends JsonRecord>(
  callId: string,
  { runId, meter }: Pick<ExecuteContext, 'runId' | 'meter'>,
  state: State<Data>,
): CallContext<Data> => {
  let controller: AbortController | undefined;
  let isAborted = false;
  let reason: Error | undefined;
  const context: ToolContext<Data> = {
    state,
    callId,
    idempotencyKey: runId === undefined ? callId : `${runId}:${callId}`,
    ...meterOf({ meter }),
    get signal() {
      controller ??= new AbortController();
      if (isAborted) controller.abort(reason);
      return controller.signal;
    },
  };
  const abort = (why?: Error): void => {
    if (isAborted) return;
    isAborted = true;
    reason = why;
    controller?.abort(why);
  };
  return { context, abort };
};
