import * as t from 'io-ts';
import { PARALLEL, type Action } from './action.js';
import { decode } from './decode.js';
import { isLeft } from './either.js';
import { Json, JsonRecord } from './json.js';
import { objectCodec } from './object-codec.js';

/** A call that may be run, or what is wrong with it. */
export type Call =
  | { readonly name: string; readonly params: JsonRecord }
  | { readonly name: string; readonly params: Json; readonly fault: string };

const OneCall = objectCodec('{ name, params }', { name: t.string }, { params: JsonRecord });
const Calls = objectCodec('ParallelParams', { calls: t.readonlyArray(Json, `list of ${OneCall.name}`) });

/**
 * The calls that an action stands for. One that makes no sense is a call with its fault, so that the others still run.
 *
 * @internal
 */
export const callsOf = ({ name, params }: Action): readonly Call[] => {
  if (name !== PARALLEL) return [{ name, params }];
  const decoded = decode(Calls, params);
  if (isLeft(decoded)) return [{ name, params, fault: `bad parameters: ${decoded.left.join('; ')}` }];
  const { calls } = decoded.right;
  return calls.length === 0 ? [{ name, params, fault: 'bad parameters: /calls: expected at least one call' }] : calls.map(toCall);
};

const toCall = (value: Json, index: number): Call => {
  const decoded = decode(OneCall, value);
  if (isLeft(decoded)) return { name: PARALLEL, params: value, fault: `bad parameters of call ${index + 1}: ${decoded.left.join('; ')}` };
  const { name, params = {} } = decoded.right;
  return name === PARALLEL ? { name, params, fault: 'parallel calls cannot be nested: give all of them in one list' } : { name, params };
};
