import type { Either } from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';
import { checkedCodec } from './checked-codec.js';
import { left, right } from './either.js';
import { isRecord } from './is-record.js';

/** What JSON can hold, with finite numbers. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A JSON object. */
export type JsonRecord = { readonly [key: string]: Json };

/** Deeper values are refused: nobody nests so deep on purpose, and recursion over them would overflow the stack. */
const DEEPEST = 500;

const isPlainObject = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** What is no JSON, and where. */
interface JsonFault {
  readonly path: string;
  readonly problem: string;
}

const fault = (problem: string): JsonFault => ({ path: '', problem });
const within = (key: string, { path, problem }: JsonFault): JsonFault => ({ path: `/${key}${path}`, problem });

/** What keeps `value` from being JSON; `undefined` where it is. The path is put together on the way back, if at all. */
function jsonFault(value: unknown, depth: number): JsonFault | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : fault(`is ${value}, which JSON cannot hold`);
  if (typeof value !== 'object') return fault(`is ${typeof value}, which JSON cannot hold`);
  if (depth >= DEEPEST) return fault(`is nested deeper than ${DEEPEST} levels`);
  if (Array.isArray(value)) return listFault(value, depth);
  if (!isPlainObject(value)) return fault(`is a ${value.constructor?.name ?? 'class instance'}, which JSON cannot hold`);
  for (const key of Object.keys(value)) {
    const found = jsonFault(Reflect.get(value, key), depth + 1);
    if (found !== undefined) return within(key, found);
  }
  return undefined;
}

/** By index: keys of lists are texts, which are made for nothing else. */
function listFault(list: readonly unknown[], depth: number): JsonFault | undefined {
  if (Object.keys(list).length !== list.length) return fault('is an array with holes or properties, which JSON cannot hold');
  for (let index = 0; index < list.length; index += 1) {
    const found = jsonFault(list[index], depth + 1);
    if (found !== undefined) return within(String(index), found);
  }
  return undefined;
}

/** The longest path in a message, in UTF-16 code units. */
const LONGEST_PATH = 80;

const faultText = ({ path, problem }: JsonFault): string => {
  const place = path.length > LONGEST_PATH ? `${path.slice(0, LONGEST_PATH)}…` : path;
  return `${place === '' ? 'the value' : place} ${problem}`;
};

/** As {@link jsonFault}, of values that may throw when they are read. */
const faultOf = (value: unknown): string | undefined => {
  try {
    const found = jsonFault(value, 0);
    return found === undefined ? undefined : faultText(found);
  } catch (error) {
    return `the value cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
};

const isJson = (value: unknown): value is Json => faultOf(value) === undefined;
const isJsonRecord = (value: unknown): value is JsonRecord => isRecord(value) && isJson(value);

/** Codec of {@link Json}. */
export const Json: t.Type<Json> = checkedCodec('Json', isJson, faultOf);

/** Codec of {@link JsonRecord}. */
export const JsonRecord: t.Type<JsonRecord> = checkedCodec('JsonRecord', isJsonRecord, (value) =>
  isRecord(value) ? faultOf(value) : 'expected a JSON object',
);

/** How engines say that recursion went too deep. */
const OVERFLOW = /call stack|recursion/i;

const writeFault = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  return OVERFLOW.test(message) ? `the value is nested deeper than ${DEEPEST} levels` : message;
};

/**
 * Any value as JSON: JSON as it is, `undefined` as `null`, everything else as `JSON.stringify` would write it (dates
 * as text, `undefined` properties left out). `Left` says why it cannot be had: what is nested deeper than 500 levels is
 * refused, however deep it is.
 */
export function toJson(value: unknown): Either<string, Json> {
  if (value === undefined) return right(null);
  try {
    if (isJson(value)) return right(value);
    const text: string | undefined = JSON.stringify(value);
    if (text === undefined) return left(faultOf(value) ?? 'it is not JSON');
    const written: unknown = JSON.parse(text);
    return isJson(written) ? right(written) : left(faultOf(written) ?? 'it is not JSON');
  } catch (error) {
    return left(writeFault(error));
  }
}
