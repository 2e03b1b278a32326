import type { Alphabet } from './alphabet.js';
import { findDifference, firstDifference } from './difference.js';
import { showValue } from './show-value.js';
import { spareLetters } from './spare-letters.js';

/** One UTF-16 unit that means nothing in a diagram by itself: such a text can stand for itself. */
const PLAIN_LETTER = /^[^\s\d|#^!()@-]$/;

const isPlainLetter = (value: unknown): value is string => typeof value === 'string' && PLAIN_LETTER.test(value);

/**
 * The alphabet of values that are compared whole.
 *
 * @internal
 * @param meaningOf - What a letter stands for that has no value.
 */
export function wholeValues<T>(values: Readonly<Record<string, T>>, meaningOf: (letter: string) => unknown): Alphabet<T> {
  /** The letters of the expected diagram, and texts that stand for themselves. */
  const used = new Set<string>();
  const hasValue = (letter: string): boolean => Object.hasOwn(values, letter);
  const meaning = (letter: string): unknown => (hasValue(letter) ? values[letter] : meaningOf(letter));
  const spare = spareLetters((letter) => hasValue(letter) || used.has(letter));
  const isItself = (value: unknown): value is string =>
    isPlainLetter(value) && !hasValue(value) && meaningOf(value) === value && spare.nameOf(value) === undefined;
  return {
    differ: (letter, value) => {
      const difference = firstDifference(meaning(letter), value);
      return difference && `Of the value ${difference}.`;
    },
    letterOf: (value) => {
      const known = Object.entries(values).find(([letter, one]) => isPlainLetter(letter) && findDifference(one, value) === undefined);
      if (known !== undefined) return known[0];
      if (!isItself(value)) return spare.letterOf(value, showValue(value));
      used.add(value);
      return value;
    },
    explain: (value) => showValue(value),
    define: (letter) => spare.nameOf(letter) ?? showValue(meaning(letter)),
    read: (letter) => void used.add(letter),
  };
}
