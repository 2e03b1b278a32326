const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  // A test runner may run a test in a realm of its own, whose plain objects have a prototype of their own.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

const copy = (value: unknown): unknown => {
  if (Array.isArray(value)) return Object.freeze(value.map(copy));
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, property]) => [key, copy(property)])));
};

/**
 * A frozen copy of JSON-like data, as it is now. What is neither a list nor a plain object stays what it is. It costs as
 * much as the data is large.
 *
 * By hand, where `structuredClone` would do: that one is missing or of another realm in some test environments, and what
 * it copies is then no plain object to who compares or decodes it.
 *
 * @internal
 */
export const snapshot = <T>(value: T): T => copy(value) as T;
