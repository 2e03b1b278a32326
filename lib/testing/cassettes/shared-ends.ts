const sharedStart = (one: string, other: string): number => {
  const longest = Math.min(one.length, other.length);
  let length = 0;
  while (length < longest && one[length] === other[length]) length += 1;
  return length;
};

const sharedEnd = (one: string, other: string, longest: number): number => {
  let length = 0;
  while (length < longest && one.at(-1 - length) === other.at(-1 - length)) length += 1;
  return length;
};

/**
 * How many UTF-16 code units two texts have in common at their beginnings, and behind that at their ends.
 *
 * @internal
 */
export function sharedEnds(one: string, other: string): { readonly start: number; readonly end: number } {
  const start = sharedStart(one, other);
  return { start, end: sharedEnd(one, other, Math.min(one.length, other.length) - start) };
}
