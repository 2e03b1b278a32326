import { isRecord } from '../domain/is-record.js';
import type { Json } from '../domain/json.js';

const isList = (value: unknown): value is readonly Json[] => Array.isArray(value);

/** Whether two values are the same JSON, whatever the order of their keys. */
export const isSameJson = (one: Json | undefined, other: Json | undefined): boolean => {
  if (one === other) return true;
  if (isList(one)) return isList(other) && one.length === other.length && one.every((item, at) => isSameJson(item, other[at]));
  if (!isRecord(one) || !isRecord(other) || isList(other)) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key) && isSameJson(one[key], other[key]));
};
