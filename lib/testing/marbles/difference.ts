import { showValue } from './show-value.js';

/** Where two values part. */
export interface Difference {
  /** From the value itself, as in JSON Pointer: `/data/token`; empty for the value itself. */
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** `whole`: equal in every part. `part`: what is expected is there, whatever else is; lists are as long as expected. */
export type Comparison = 'whole' | 'part';

/** What is not there, unlike `undefined`, which is. */
const MISSING: unique symbol = Symbol('missing');

const kindOf = (value: unknown): string => Object.prototype.toString.call(value);

const hasErrors = (value: Error): value is Error & { readonly errors: unknown } => 'errors' in value;

/** What a value holds under names of its own, symbols included. */
const ownParts = (value: object): readonly (readonly [string, unknown])[] =>
  Reflect.ownKeys(value)
    .filter((key) => Object.prototype.propertyIsEnumerable.call(value, key))
    .map((key) => [String(key), Reflect.get(value, key)]);

/** The parts of a value that it is compared by. */
const partsOf = (value: object): ReadonlyMap<string, unknown> => {
  if (value instanceof Map) return new Map([...value].map((entry, index) => [String(index), entry]));
  const parts = new Map(ownParts(value));
  if (!(value instanceof Error)) return parts;
  // Not its cause, which may be a stack of foreign errors; what tells errors apart is what they say.
  parts.set('name', value.name).set('message', value.message);
  if (hasErrors(value)) parts.set('errors', value.errors);
  return parts;
};

/** Whether all that an object holds is out of sight: only itself is equal to it. */
const isOpaque = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return !isPlain && !Array.isArray(value) && !(value instanceof Map) && !(value instanceof Error) && ownParts(value).length === 0;
};

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** What is compared as one, and by what. */
const atomOf = (value: object): unknown => {
  if (value instanceof Date) return value.getTime();
  return value instanceof RegExp || value instanceof URL ? String(value) : undefined;
};

type Pair = readonly [expected: object, actual: object];

function differ(expected: unknown, actual: unknown, comparison: Comparison, path: string, within: readonly Pair[]): Difference | undefined {
  if (Object.is(expected, actual)) return undefined;
  const difference: Difference = { path, expected, actual };
  if (!isObject(expected) || !isObject(actual) || kindOf(expected) !== kindOf(actual)) return difference;
  const atom = atomOf(expected);
  if (atom !== undefined) return Object.is(atom, atomOf(actual)) ? undefined : difference;
  if (expected instanceof Set && actual instanceof Set) return isSameSet(expected, actual, comparison) ? undefined : difference;
  if (isOpaque(expected) || isOpaque(actual)) return difference;
  // A loop that both have in the same place holds no difference of its own.
  if (within.some(([one, other]) => one === expected && other === actual)) return undefined;
  const [wanted, found] = [partsOf(expected), partsOf(actual)];
  const isWhole = comparison === 'whole' || Array.isArray(expected);
  const keys = isWhole ? new Set([...wanted.keys(), ...found.keys()]) : wanted.keys();
  const inner: readonly Pair[] = [...within, [expected, actual]];
  for (const key of keys) {
    const one = wanted.has(key) ? wanted.get(key) : MISSING;
    // Asked for in part, `undefined` is what nothing is, too.
    if (comparison === 'part' && one === undefined && !found.has(key)) continue;
    const other = found.has(key) ? found.get(key) : MISSING;
    const part = differ(one, other, comparison, `${path}/${key}`, inner);
    if (part !== undefined) return part;
  }
  return undefined;
}

/** In whatever order: each of one has its like in the other. */
const isSameSet = (expected: ReadonlySet<unknown>, actual: ReadonlySet<unknown>, comparison: Comparison): boolean =>
  expected.size === actual.size &&
  [...expected].every((one) => actual.has(one) || [...actual].some((other) => differ(one, other, comparison, '', []) === undefined));

/**
 * The first place in which two values are not the same; `undefined` where there is none. Errors are compared by name,
 * message and what they hold, and not by stack and cause.
 *
 * @internal
 */
export const findDifference = (expected: unknown, actual: unknown, comparison: Comparison = 'whole'): Difference | undefined =>
  differ(expected, actual, comparison, '', []);

const shown = (value: unknown): string => (value === MISSING ? 'nothing' : showValue(value));

/**
 * As {@link findDifference}, as a sentence: `/data/token: expected "a", got "b"`.
 *
 * @internal
 */
export function firstDifference(expected: unknown, actual: unknown, comparison: Comparison = 'whole'): string | undefined {
  const found = findDifference(expected, actual, comparison);
  if (found === undefined) return undefined;
  return `${found.path === '' ? '' : `${found.path}: `}expected ${shown(found.expected)}, got ${shown(found.actual)}`;
}
