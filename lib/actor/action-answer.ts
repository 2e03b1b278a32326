import * as t from 'io-ts';
import { PARALLEL, type Action } from '../domain/action.js';
import type { Decoder } from '../domain/decode.js';
import { isRecord } from '../domain/is-record.js';
import { JsonRecord, type Json } from '../domain/json.js';
import { objectCodec } from '../domain/object-codec.js';
import { dropOptionalNulls } from '../domain/optional-nulls.js';
import { dropProto } from '../internal/json-proto.js';
import { toWellFormed } from '../internal/well-formed.js';

/** A tool as an actor describes it to its model; the tools of an environment are such. */
export interface DescribedTool {
  readonly name: string;
  /** What it does and when to use it, in words for the model. */
  readonly description?: string;
  /** The codec of its parameters. Without one, anything goes. */
  readonly params?: Decoder<unknown>;
}

/** A name of an action: not empty, and without the space that some models put around it. */
const ActionName = /* @__PURE__ */ new t.Type<string>(
  'ActionName',
  (value): value is string => typeof value === 'string' && value.trim() !== '',
  (value, context) =>
    typeof value === 'string' && value.trim() !== ''
      ? t.success(value.trim())
      : t.failure(value, context, 'expected the name of a tool, parallel or DONE'),
  t.identity,
);

/**
 * What a model answers when it is asked for an action. Which names exist and which parameters they take is not looked
 * at here: the environment answers that with observations, from which a model learns more than from a refusal.
 */
export interface ActionAnswer extends t.TypeOf<typeof ActionAnswer> {}
/** Codec of {@link ActionAnswer}. */
export const ActionAnswer = objectCodec('ActionAnswer', {
  thought: t.string,
  name: ActionName,
  params: JsonRecord,
  expectedDelta: t.string,
});

const settleParams = (tools: readonly DescribedTool[], name: Json | undefined, params: JsonRecord): JsonRecord => {
  const codec = tools.find((tool) => tool.name === name)?.params;
  if (codec === undefined) return params;
  const settled = dropOptionalNulls(codec, params);
  return JsonRecord.is(settled) ? settled : params;
};

const settleCall = (tools: readonly DescribedTool[], call: Json): Json =>
  isRecord(call) && isRecord(call['params']) ? { ...call, params: settleParams(tools, call['name'], call['params']) } : call;

const withoutProto = (params: JsonRecord): JsonRecord => {
  const sound = dropProto(params);
  return JsonRecord.is(sound) ? sound : {};
};

const settleCalls = (tools: readonly DescribedTool[], name: string, params: JsonRecord): JsonRecord => {
  const calls = params['calls'];
  if (name !== PARALLEL || !Array.isArray(calls)) return settleParams(tools, name, params);
  return { ...params, calls: calls.map((call: Json) => settleCall(tools, call)) };
};

/**
 * Takes out the nulls that a server's strict mode makes a model write for parameters it leaves out, those of the calls
 * of `parallel` included. A null that the codec of the parameter takes stays. The thought is the text that streamed, in
 * which half a surrogate pair is replaced. Keys `__proto__` are dropped from the parameters.
 */
export const settleAction = (tools: readonly DescribedTool[], action: Action): Action => ({
  ...action,
  params: settleCalls(tools, action.name, withoutProto(action.params)),
  thought: toWellFormed(action.thought),
});
