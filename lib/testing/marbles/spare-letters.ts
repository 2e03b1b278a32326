import { findDifference } from './difference.js';

/** Letters for what a diagram has none for. */
export interface SpareLetters {
  /** The letter of a value, the same one for equal values; `?` where none is left. */
  readonly letterOf: (value: unknown, name: string) => string;
  /** What a letter was given to; `undefined` where it was not. */
  readonly nameOf: (letter: string) => string | undefined;
}

const ALL = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** For whatever comes when all letters are given. */
const OTHERS = '?';

/**
 * Letters that nothing else stands for.
 *
 * @internal
 */
export function spareLetters(isTaken: (letter: string) => boolean): SpareLetters {
  const given = new Map<string, { readonly value: unknown; readonly name: string }>();
  return {
    letterOf: (value, name) => {
      const known = [...given].find(([letter, one]) => letter !== OTHERS && findDifference(one.value, value) === undefined);
      if (known !== undefined) return known[0];
      const letter = Array.from(ALL).find((one) => !isTaken(one) && !given.has(one)) ?? OTHERS;
      given.set(letter, letter === OTHERS ? { value: undefined, name: 'others' } : { value, name });
      return letter;
    },
    nameOf: (letter) => given.get(letter)?.name,
  };
}
