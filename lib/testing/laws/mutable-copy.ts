const copy = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, property]) => [key, copy(property)]));
};

/**
 * A copy of JSON-like data that may be written to, so that what writes to it is found out and does no harm.
 *
 * @internal
 */
export const mutableCopy = <T>(value: T): T => copy(value) as T;
