import type { Either } from 'fp-ts/lib/Either.js';
import { defer, of, type Observable } from 'rxjs';
import { decode } from '../domain/decode.js';
import { isLeft, left, right } from '../domain/either.js';
import type { JsonRecord } from '../domain/json.js';
import type { State } from '../domain/state.js';
import { errorText } from '../errors/describe-error.js';
import { andThen } from '../internal/and-then.js';
import { dropProto } from '../internal/json-proto.js';
import type { CallSlots } from './call-slots.js';
import type { Call } from '../domain/calls-of.js';
import { cappedText } from './capped-json.js';
import type { ExecuteContext } from './environment.js';
import { resolveDoubt } from './resolve-doubt.js';
import { runTool } from './run-tool.js';
import type { AnyTool } from './tool.js';
import type { ToolSettings } from './tool-settings.js';
import { toolEnded, toolStarted, type ToolSignal } from './tool-signal.js';

/** One call of an action. */
export interface ExecuteCallConfig<Data extends JsonRecord> {
  readonly call: Call;
  readonly callId: string;
  readonly state: State<Data>;
  readonly settings: ToolSettings<Data>;
  readonly context: ExecuteContext | undefined;
  /** Room for those that run, where some may have to wait; else there is room. */
  readonly slots: CallSlots | undefined;
}

/**
 * One call from its name to its end: checked, approved, run. Cold, and never errors: one that cannot run is told with its
 * end at once, so that each call has exactly one result. Whoever is asked for leave is asked before anything is told.
 *
 * ```text
 * approve                  ---y
 * tool                        -v|
 * executeCall              ---s(e|)    with s tool_start, e tool_end
 * approve, denied          ---n
 * executeCall              ---(se|)    e: not ok
 * ```
 *
 * @internal
 */
export const executeCall = <Data extends JsonRecord>(config: ExecuteCallConfig<Data>): Observable<ToolSignal> => {
  const { call, callId, settings, context } = config;
  const { name } = call;
  const begun = context?.begun?.get(callId);
  if ('fault' in call) return refused(config, call.fault);
  const tool = settings.tools.get(name);
  if (tool === undefined) return refused(config, `there is no tool ${JSON.stringify(name)}; ${listed([...settings.tools.keys()])}`);
  if (begun === undefined) return withLeave(config, tool, call.params);
  return resolveDoubt({
    begun,
    params: call.params,
    isIdempotent: tool.isIdempotent === true,
    resolve: context?.resolveDoubt,
    maxOutput: tool.maxOutput ?? settings.maxOutput,
    // Leave is asked for again: of one that was denied, the end may be what was lost.
    retry: (params) => withLeave(config, tool, params),
  });
};

const listed = (names: readonly string[]): string => (names.length === 0 ? 'there are none' : `there are: ${names.join(', ')}`);

/** What is told of a call that does not run. */
const refused = <Data extends JsonRecord>(
  { call, callId, settings, context }: ExecuteCallConfig<Data>,
  reason: unknown,
  params = call.params,
): Observable<ToolSignal> => {
  const called = { callId, name: call.name };
  const end = toolEnded(called, { ok: false, error: cappedText(errorText(reason), settings.maxOutput) });
  return context?.begun?.has(callId) === true ? of(end) : of(toolStarted(called, params), end);
};

const decodeParams = <Data extends JsonRecord>(tool: AnyTool<Data>, params: JsonRecord): Either<string, unknown> => {
  const sound = dropProto(params);
  if (tool.params === undefined) return right(sound);
  const decoded = decode(tool.params, sound);
  return isLeft(decoded) ? left(`bad parameters: ${decoded.left.join('; ')}`) : decoded;
};

/** Asks for leave where it is needed, of nothing that could not run anyway. */
const withLeave = <Data extends JsonRecord>(
  config: ExecuteCallConfig<Data>,
  tool: AnyTool<Data>,
  params: JsonRecord,
): Observable<ToolSignal> => {
  const { callId, context } = config;
  const decoded = decodeParams(tool, params);
  if (isLeft(decoded)) return refused(config, decoded.left, params);
  const approve = context?.approve;
  if (approve === undefined) return inSlot(config, tool, params, decoded.right);
  return defer(() => approve({ callId, name: tool.name, params })).pipe(
    andThen({
      isFinal: (approval): approval is typeof approval => approval !== undefined,
      project: (approval) => {
        if (!approval.isApproved) return refused(config, `denied: ${errorText(approval.reason)}`, params);
        const approved = approval.params === params ? decoded : decodeParams(tool, approval.params);
        return isLeft(approved) ? refused(config, approved.left, approval.params) : inSlot(config, tool, approval.params, approved.right);
      },
      missing: () => new Error('nobody decided'),
      recover: (error) => refused(config, `denied: ${errorText(error)}`, params),
    }),
  );
};

const inSlot = <Data extends JsonRecord>(
  { callId, state, settings, context, slots }: ExecuteCallConfig<Data>,
  tool: AnyTool<Data>,
  params: JsonRecord,
  decoded: unknown,
): Observable<ToolSignal> => {
  const isBegun = context?.begun?.has(callId) === true;
  const running$ = runTool({ tool, params, decoded, callId, state, settings, context, isBegun });
  return slots === undefined ? running$ : slots.take(running$, tool.sequential === true);
};
