const PROTO = '__proto__';

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/**
 * The same value without its keys `__proto__`, at any depth; itself where it has none. Whoever copies such a key by
 * assignment, as decoders do, sets a prototype with it: a property that nobody checked would then be read from there.
 *
 * @param value - JSON, not nested deeper than recursion can bear.
 * @internal
 */
export function dropProto(value: unknown): unknown {
  if (!isObject(value)) return value;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const sound = items.map(dropProto);
    return sound.every((item, index) => item === items[index]) ? value : sound;
  }
  const entries = Object.entries(value);
  const sound = entries.filter(([key]) => key !== PROTO).map(([key, item]: [string, unknown]) => [key, dropProto(item)] as const);
  const isSame = sound.length === entries.length && sound.every(([, item], index) => item === entries[index]?.[1]);
  return isSame ? value : Object.fromEntries(sound);
}

/**
 * JSON from outside, without keys `__proto__`. Throws as `JSON.parse` does.
 *
 * @internal
 */
export const parseForeignJson = (text: string): unknown => {
  const value: unknown = JSON.parse(text);
  // An escape may hide any letter of the key.
  return text.includes(PROTO) || text.includes(String.raw`\u00`) ? dropProto(value) : value;
};
