/** What stands before the lines of a text in a lane. */
export interface Prefix {
  /** Before its first line. */
  readonly first: string;
  /** Before the others. */
  readonly rest: string;
}

/** The calls that are under way, each on a rail of its own, so that one sees which ran side by side. */
export interface Rails {
  /** Puts a call on the first rail that is free. */
  readonly start: (callId: string, sign: string) => Prefix;
  /** Marks a call on its rail; one that never began is marked beside them. */
  readonly progress: (callId: string, sign: string) => Prefix;
  /** As `progress`, and its rail is free. */
  readonly end: (callId: string, sign: string) => Prefix;
  /** Marks what is no call's, beside the rails. */
  readonly beside: (sign: string) => Prefix;
  /** The rails as they are where nothing is told. */
  readonly idle: () => string;
  /** The calls that have not ended, in the order of their rails. */
  readonly open: () => readonly string[];
}

const spaced = (drawn: string): string => (drawn === '' ? '' : `${drawn} `);

/**
 * Draws the rails of calls.
 *
 * ```text
 * ┬ search(text: "door")        starts
 * │┬ list(folder: ".")          starts beside it
 * •│ search: 0.5                tells of its progress
 * │✓ list 20 ms: ["door.ts"]    ends, and its rail is free
 * ```
 *
 * @param most - How many rails are drawn; calls beyond them are marked beside.
 * @internal
 */
export const createRails = (most: number): Rails => {
  /** The call of each rail; `undefined` where it is free. */
  const rails: (string | undefined)[] = [];

  const drawRail = (index: number): string => (rails[index] === undefined ? ' ' : '│');
  const draw = (sign = '', place = -1): string => {
    const at = Math.min(place, most);
    const length = Math.max(Math.min(rails.length, most), at + 1);
    return Array.from({ length }, (_none, index) => (index === at ? sign : drawRail(index))).join('');
  };

  const placeOf = (callId: string): number => {
    const found = rails.indexOf(callId);
    return found < 0 ? rails.length : found;
  };
  const mark = (place: number, sign: string, change: () => void = () => undefined): Prefix => {
    const first = spaced(draw(sign, place));
    change();
    const rest = draw().padEnd(first.length);
    // Free rails at the end are given up.
    while (rails.length > 0 && rails.at(-1) === undefined) rails.pop();
    return { first, rest };
  };

  return {
    start: (callId, sign) => {
      const free = rails.indexOf(undefined);
      const place = free < 0 ? rails.length : free;
      rails[place] = callId;
      return mark(place, sign);
    },
    progress: (callId, sign) => mark(placeOf(callId), sign),
    end: (callId, sign) => {
      const place = placeOf(callId);
      return mark(place, sign, () => {
        if (place < rails.length) rails[place] = undefined;
      });
    },
    beside: (sign) => mark(rails.length, sign),
    idle: () => draw(),
    open: () => rails.filter((callId) => callId !== undefined),
  };
};
