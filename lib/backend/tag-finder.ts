import { createNestedSkipper, type NestedSkipper } from '../internal/json-skip.js';

const OPENER = '<think>';
const CLOSER = '</think>';

/** More brackets than any answer opens at a time. */
const DEEPEST = 10_000;

/** From this many backticks on they open a block, which goes over lines. */
const FENCE = 3;

const NEWLINE = 10;
const LESS_THAN = 60;
const BACKTICK = 96;

const SPACE = /\s/;
const WORD = /\w/;

/** What was found in a piece: a tag, what may be the beginning of one at the end of the piece, or nothing. */
export interface FoundTag {
  readonly found: 'opener' | 'closer' | 'part' | 'nothing';
  /** Its index; the length of the piece where there is nothing. */
  readonly at: number;
}

/** Finds tags in text that comes in pieces. A part has to come again, with the rest, at the beginning of the next piece. */
export interface TagFinder {
  find(piece: string): FoundTag;
}

/** Which tag stands there, if any. */
const tagAt = (piece: string, at: number): FoundTag['found'] => {
  const rest = piece.slice(at, at + CLOSER.length);
  if (rest.startsWith(OPENER)) return 'opener';
  if (rest === CLOSER) return 'closer';
  return OPENER.startsWith(rest) || CLOSER.startsWith(rest) ? 'part' : 'nothing';
};

class ThinkingTagFinder implements TagFinder {
  #json: NestedSkipper | undefined;
  /** Nothing came but white space, backticks and words, such as the one after a fence. */
  #isHead = true;
  #isBlank = true;
  /** The backticks that opened the code that we are in; 0 outside. */
  #code = 0;
  /** The backticks that end the text so far, which may be more. */
  #run = 0;

  find(piece: string): FoundTag {
    let at = 0;
    while (at < piece.length) {
      if (this.#json !== undefined) {
        at = this.#json.skip(piece, at);
        if (this.#json.ended() !== 'open') this.#json = undefined;
        continue;
      }
      // Character by character: a regular expression costs more on pieces of a few.
      const sign = piece.charCodeAt(at);
      if (sign === BACKTICK) {
        this.#run += 1;
        this.#isBlank = false;
      } else {
        if (this.#run > 0) this.#endRun();
        if (sign === LESS_THAN && this.#code === 0) {
          const found = tagAt(piece, at);
          if (found !== 'nothing') return { found, at };
        }
        // Code in a line ends with it: a lone backtick opens nothing.
        if (sign === NEWLINE && this.#code < FENCE) this.#code = 0;
        // JSON is skipped from its bracket on.
        if (this.#isHead && this.#beginsJson(piece.charAt(at))) continue;
      }
      at += 1;
    }
    return { found: 'nothing', at: piece.length };
  }

  #endRun(): void {
    if (this.#code === 0) this.#code = this.#run;
    else if (this.#run === this.#code || (this.#code >= FENCE && this.#run > this.#code)) this.#code = 0;
    this.#run = 0;
  }

  /** Reads a character of the head; whether JSON begins with it. It does so first of all, or first in a block. */
  #beginsJson(character: string): boolean {
    const isJson = character === '{' && (this.#isBlank || this.#code >= FENCE);
    if (isJson) this.#json = createNestedSkipper(DEEPEST);
    if (SPACE.test(character)) return false;
    this.#isBlank = false;
    this.#isHead = WORD.test(character);
    return isJson;
  }
}

/**
 * Makes a finder of thinking tags in the text of an answer. Those in code, between backticks or in a block, and those
 * in JSON with which the answer begins are examples or data, and not found. Each character is looked at once.
 *
 * @internal
 */
export const createTagFinder = (): TagFinder => new ThinkingTagFinder();
