import {
  catchError,
  concat,
  defer,
  identity,
  map,
  of,
  takeUntil,
  timer,
  type MonoTypeOperatorFunction,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { decode } from '../domain/decode.js';
import { isLeft } from '../domain/either.js';
import { toJson, type Json, type JsonRecord } from '../domain/json.js';
import type { State } from '../domain/state.js';
import { errorText } from '../errors/describe-error.js';
import { fromOne } from '../internal/from-input.js';
import { dropProto } from '../internal/json-proto.js';
import { operate } from '../internal/operate.js';
import { isToolProgress, type AnyTool, type ToolContext } from './tool.js';
import { toolEnded, toolProgressed, toolStarted, type ToolSignal } from './tool-signal.js';

/** A call of a tool that exists. */
export interface RunToolConfig<Data extends JsonRecord> {
  readonly tool: AnyTool<Data>;
  readonly params: JsonRecord;
  readonly callId: string;
  readonly state: State<Data>;
  readonly scheduler: SchedulerLike | undefined;
}

/**
 * Runs one tool: `tool_start`, its progress, then `tool_end`. Cold, and never errors: whatever goes wrong is an end that
 * is not ok. Unsubscribing stops the tool and aborts its signal.
 *
 * ```text
 * tool                 -p-v|
 * runTool              sp-(e|)     with s tool_start, p tool_progress, e tool_end
 * ```
 *
 * @internal
 */
export const runTool = <Data extends JsonRecord>({
  tool,
  params,
  callId,
  state,
  scheduler,
}: RunToolConfig<Data>): Observable<ToolSignal> => {
  const called = { callId, name: tool.name };
  const ended$ = defer(() => {
    const decoded = decodeParams(tool, params);
    const { context, abort } = abortable({ callId, state });
    return defer(() => fromOne(tool.run(decoded, context))).pipe(
      tool.timeout === undefined ? identity : within(tool.timeout, scheduler),
      toSignals(called, abort),
    );
  }).pipe(catchError((error: unknown) => of(toolEnded(called, { ok: false, error: errorText(error) }))));
  return concat(of(toolStarted(called, params)), ended$);
};

const decodeParams = <Data extends JsonRecord>(tool: AnyTool<Data>, params: JsonRecord): unknown => {
  const sound = dropProto(params);
  if (tool.params === undefined) return sound;
  const decoded = decode(tool.params, sound);
  if (isLeft(decoded)) throw new Error(`bad parameters: ${decoded.left.join('; ')}`);
  return decoded.right;
};

/** A context whose AbortController is made when its signal is asked for: it costs more than a synchronous tool does. */
const abortable = <Data extends JsonRecord>(call: Omit<ToolContext<Data>, 'signal'>) => {
  let controller: AbortController | undefined;
  let isAborted = false;
  const context: ToolContext<Data> = {
    ...call,
    get signal() {
      controller ??= new AbortController();
      if (isAborted) controller.abort();
      return controller.signal;
    },
  };
  const abort = (): void => {
    isAborted = true;
    controller?.abort();
  };
  return { context, abort };
};

/** The tool did not end by itself, unlike with every other error. */
class TimedOut extends Error {}

const within = (timeout: number, scheduler: SchedulerLike | undefined): MonoTypeOperatorFunction<unknown> =>
  takeUntil(
    timer(timeout, scheduler).pipe(
      map(() => {
        throw new TimedOut(`timed out after ${timeout} ms`);
      }),
    ),
  );

/**
 * What a tool emits as what is reported of it. What cannot be JSON is an error, and so the end of the call. A tool that is
 * left before it ended by itself is aborted, also one that is still inside its own synchronous run.
 */
const toSignals = (called: { readonly callId: string; readonly name: string }, abort: () => void) =>
  operate<unknown, ToolSignal>((subscriber) => {
    let hasEnded = false;
    let result: unknown = null;
    subscriber.add(() => {
      if (!hasEnded) abort();
    });
    return {
      next: (value) => {
        if (isToolProgress(value)) subscriber.next(toolProgressed(called, jsonOf(value.value, 'progress')));
        else result = value;
      },
      error: (error) => {
        hasEnded = !(error instanceof TimedOut);
      },
      complete: () => {
        hasEnded = true;
        subscriber.next(toolEnded(called, { ok: true, output: jsonOf(result, 'result') }));
      },
    };
  });

const jsonOf = (value: unknown, what: 'progress' | 'result'): Json => {
  const json = toJson(value);
  if (isLeft(json)) throw new Error(`the ${what} of the tool is not JSON: ${json.left}`);
  return json.right;
};
