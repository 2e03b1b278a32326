import { attempt, redact } from '../../errors/redact.js';
import { parseForeignJson } from '../../internal/json-proto.js';

/**
 * What is known of a value: `kept` for a text that things are told apart by, else the keys that have a meaning. Those
 * stay; all other keys and texts are data.
 *
 * @internal
 */
export type Shape = 'kept' | { readonly [key: string]: Shape };

/** Nothing is known: all of it is data. */
const DATA: Shape = {};

const HIDDEN = '[redacted]';

type Hide = (text: string) => string;

/** Whether `redact` hides the text where it stands behind the name, as `"password": "…"`. */
const isHiddenUnder = (key: string, text: string): boolean => {
  const name = `${JSON.stringify(key)}: "`;
  return redact(name + JSON.stringify(text).slice(1)).startsWith(name + HIDDEN);
};

const isSecretName = (key: string): boolean => key !== '' && isHiddenUnder(key, 'a1b2c3d4');

/** What stands under a name such as `password` is secret, whatever it looks like. Asked of few names, so that long texts are read once. */
const isSecret = (key: string, text: string): boolean => isSecretName(key) && isHiddenUnder(key, text);

/** A number stays a number, for those who decode it. Short ones are no passwords. */
const redactNumber = (value: number, key: string): number =>
  isSecretName(key) && redact(`${JSON.stringify(key)}: ${value}`).endsWith(HIDDEN) ? 0 : value;

const shapeIn = (shape: Shape, key: string): Shape | undefined =>
  typeof shape === 'object' && Object.hasOwn(shape, key) ? shape[key] : undefined;

/** The new name of each key, by the old one. Two that would become the same are numbered, so that no value is lost. */
const keysOf = (keys: readonly string[], shape: Shape, hide: Hide): ReadonlyMap<string, string> => {
  const wanted = new Map(keys.map((key) => [key, shapeIn(shape, key) === undefined ? hide(key) : key]));
  const names = new Map(keys.filter((key) => wanted.get(key) === key).map((key) => [key, key]));
  const taken = new Set(names.keys());
  // Sorted: the numbers may not depend on the order in which the keys come.
  for (const key of keys.filter((one) => !names.has(one)).sort()) {
    const name = wanted.get(key) ?? key;
    let free = name;
    for (let number = 2; taken.has(free); number += 1) free = `${name} ${number}`;
    taken.add(free);
    names.set(key, free);
  }
  return names;
};

const redactValue = (value: unknown, hide: Hide, shape: Shape, key = ''): unknown => {
  if (typeof value === 'string') {
    if (shape === 'kept') return value;
    return isSecret(key, value) ? hide(HIDDEN) : redactText(value, hide);
  }
  if (typeof value === 'number') return redactNumber(value, key);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => redactValue(item, hide, shape, key));
  const names = keysOf(Object.keys(value), shape, hide);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]: [string, unknown]) => {
      const known = shapeIn(shape, name);
      return [names.get(name) ?? name, redactValue(item, hide, known ?? DATA, known === undefined ? name : '')];
    }),
  );
};

/** The object or the list that a text is the JSON of. */
const structureOf = (text: string): unknown => (/^\s*[{[]/.test(text) ? attempt(() => parseForeignJson(text)) : undefined);

const isAlike = (one: unknown, other: unknown): boolean => {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return typeof one === typeof other && (one === null) === (other === null);
  }
  const [left, right]: [unknown[], unknown[]] = [Object.values(one), Object.values(other)];
  return Array.isArray(one) === Array.isArray(other) && left.length === right.length && left.every((item, at) => isAlike(item, right[at]));
};

/**
 * A text without what `hide` hides. Where it is an object or a list as JSON, it stays one of the same shape, so that
 * what could be decoded still can.
 *
 * @internal
 */
export function redactText(text: string, hide: Hide): string {
  const hidden = hide(text);
  if (hidden === text) return text;
  return (
    attempt(() => {
      const structure = structureOf(text);
      if (structure === undefined || isAlike(structure, structureOf(hidden))) return hidden;
      return JSON.stringify(redactValue(structure, hide, DATA));
    }) ?? hidden
  );
}

/**
 * A copy without what `hide` hides, nor what stands under the name of a secret.
 *
 * @internal
 */
export const redactJson = <Value>(value: Value, hide: Hide, shape: Shape): Value =>
  // What is known of a value stays as it is, so that its type does, too.
  redactValue(value, hide, shape) as Value;
