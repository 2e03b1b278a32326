import type { Either } from 'fp-ts/lib/Either.js';
import { isLeft, right } from '../domain/either.js';
import { toJson, type Json } from '../domain/json.js';

/** How many UTF-16 code units one of a text takes in JSON at most: `\u0000`. */
const LONGEST_ESCAPE = 6;

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** What is left of `room`, in UTF-16 code units, when the JSON of a value has taken its own at most; below 0 where that may be too much. */
const roomAfter = (value: Json, room: number): number => {
  if (typeof value === 'string') return room - LONGEST_ESCAPE * value.length - 2;
  // No number is longer: -1.2345678901234567e-123
  if (typeof value !== 'object' || value === null) return room - 24;
  let left = room - 2;
  if (isList(value)) {
    for (const item of value) {
      if (left < 0) return left;
      left = roomAfter(item, left - 1);
    }
    return left;
  }
  for (const key of Object.keys(value)) {
    if (left < 0) return left;
    left = roomAfter(value[key] ?? null, left - LONGEST_ESCAPE * key.length - 4);
  }
  return left;
};

/** How long one character of a text is in JSON, in UTF-16 code units. */
const lengthInJson = (character: string): number => {
  if (character === '"' || character === '\\') return 2;
  const code = character.charCodeAt(0);
  if (code >= 0x20 && (character.length === 2 || code < 0xd800 || code > 0xdfff)) return character.length;
  return '\b\f\n\r\t'.includes(character) ? 2 : LONGEST_ESCAPE;
};

/** The longest beginning, of whole characters, whose JSON takes no more than `room`, without its quotes. */
const beginningWithin = (text: string, room: number): string => {
  let left = room;
  let end = 0;
  for (const character of text) {
    left -= lengthInJson(character);
    if (left < 0) break;
    end += character.length;
  }
  return text.slice(0, end);
};

const noteOf = (missing: number, whole: number): string => `… [cut off: ${missing} of ${whole} characters are missing]`;

/**
 * A text whose JSON is at most `most` UTF-16 code units long: itself, or its beginning, up to a whole character, with a
 * note of how much is missing.
 *
 * @internal
 */
export const cappedText = (text: string, most: number): string => {
  if (roomAfter(text, most) >= 0) return text;
  // One more than fits, so that what fits is told from what does not, however long the text is.
  const beginning = beginningWithin(text.slice(0, most + 1), most - 2);
  if (beginning.length === text.length) return text;
  const kept = beginningWithin(beginning, most - 2 - noteOf(text.length, text.length).length);
  return kept + noteOf(text.length - kept.length, text.length);
};

/**
 * Any value as JSON of at most `most` UTF-16 code units. A longer text is cut like {@link cappedText}; anything else that
 * is longer becomes its JSON as a text and is cut likewise. `Left` says why it cannot be had.
 *
 * @internal
 */
export const cappedJson = (value: unknown, most: number): Either<string, Json> => {
  const json = toJson(value);
  if (isLeft(json) || roomAfter(json.right, most) >= 0) return json;
  if (typeof json.right === 'string') return right(cappedText(json.right, most));
  const text = JSON.stringify(json.right);
  return text.length <= most ? json : right(cappedText(text, most));
};
