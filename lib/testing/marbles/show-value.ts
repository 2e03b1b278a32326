/** JSON with what it cannot hold as text; loops are cut. */
const toText = (value: unknown, indent: number): string | undefined => {
  const within: unknown[] = [];
  return JSON.stringify(
    value,
    function replace(this: unknown, _key: string, item: unknown): unknown {
      while (within.length > 0 && within.at(-1) !== this) within.pop();
      if (typeof item === 'function') return `[function ${item.name}]`;
      if (typeof item === 'bigint' || typeof item === 'symbol') return String(item);
      if (typeof item === 'number' && !Number.isFinite(item)) return String(item);
      if (item instanceof Error) return `${item.name}: ${item.message}`;
      if (item instanceof Map || item instanceof Set) return { [item.constructor.name]: [...item] };
      if (typeof item !== 'object' || item === null) return item;
      if (within.includes(item)) return '[circular]';
      within.push(item);
      return item;
    },
    indent,
  );
};

/**
 * Any value as text for a person: JSON where it is that, and never an exception.
 *
 * @internal
 * @param indent - Spaces a level; 0, the default, keeps it on one line.
 */
export function showValue(value: unknown, indent = 0): string {
  if (value === undefined) return 'undefined';
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  try {
    // What has no JSON: a function, a symbol.
    return toText(value, indent) ?? typeof value;
  } catch {
    return Object.prototype.toString.call(value);
  }
}
