import { snapshot } from '../../internal/snapshot.js';

/** The lists of a context that a run appends to, call after call, and never changes otherwise. */
const GROWING: ReadonlySet<string> = new Set(['history', 'turns', 'scores']);

/**
 * Makes frozen copies of what a port is called with. What a run appends to is copied an entry at a time and not anew
 * each call: otherwise a script would cost as the square of a run.
 *
 * @internal
 */
export function createContextCopier(): <Context>(context: Context) => Context {
  const copies = new WeakMap<object, unknown>();
  const copyEntry = (entry: unknown): unknown => {
    if (typeof entry !== 'object' || entry === null) return entry;
    const known = copies.get(entry) ?? snapshot(entry);
    copies.set(entry, known);
    return known;
  };
  const copyPart = (key: string, part: unknown): unknown =>
    GROWING.has(key) && Array.isArray(part) ? Object.freeze(part.map(copyEntry)) : snapshot(part);
  return (context) => {
    if (typeof context !== 'object' || context === null) return context;
    return Object.freeze(Object.fromEntries(Object.entries(context).map(([key, part]) => [key, copyPart(key, part)]))) as typeof context;
  };
}
