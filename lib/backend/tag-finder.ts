import { createNestedSkipper, type NestedSkipper } from '../internal/json-skip.js';

const OPENER = '<think>';
const CLOSER = '</think>';

/** More brackets than any answer opens at a time. */
const DEEPEST = 10_000;

/** From this many backticks on they open a block, which goes over lines. */
const FENCE = 3;

/** What changes where we are. At the head everything but white space, backticks and the word after a fence does. */
const SIGNS = /`+|[\n<]/g;
const HEAD_SIGNS = /`+|\n|[^\w\s`]/g;

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

/**
 * Makes a finder of thinking tags in the text of an answer. Those in code, between backticks or in a block, and those
 * in JSON with which the answer begins are examples or data, and not found. Each character is looked at once.
 *
 * @internal
 */
export function createTagFinder(): TagFinder {
  let json: NestedSkipper | undefined;
  let isHead = true;
  let isBlank = true;
  /** The backticks that opened the code that we are in; 0 outside. */
  let code = 0;
  /** The backticks that end the text so far, which may be more. */
  let run = 0;

  const endRun = (): void => {
    if (run === 0) return;
    if (code === 0) code = run;
    else if (run === code || (code >= FENCE && run > code)) code = 0;
    run = 0;
  };

  /** Whether JSON begins here: first of all, or first in a block. */
  const beginsJson = (sign: string, before: string): boolean => sign === '{' && (code >= FENCE || (isBlank && before.trim() === ''));

  const find = (piece: string): FoundTag => {
    let at = 0;
    if (piece !== '' && !piece.startsWith('`')) endRun();
    while (at < piece.length) {
      if (json !== undefined) {
        at = json.skip(piece, at);
        if (json.ended() !== 'open') json = undefined;
        if (at >= piece.length) break;
      }
      const signs = isHead ? HEAD_SIGNS : SIGNS;
      signs.lastIndex = at;
      const match = signs.exec(piece);
      if (match === null) break;
      const [sign] = match;
      if (sign.startsWith('`')) {
        if (match.index > 0) endRun();
        run += sign.length;
        at = match.index + sign.length;
        if (at < piece.length) endRun();
        continue;
      }
      at = match.index + 1;
      if (sign === '\n') {
        // Code in a line ends with it: a lone backtick opens nothing.
        if (code < FENCE) code = 0;
        continue;
      }
      if (sign === '<' && code === 0) {
        const found = tagAt(piece, match.index);
        if (found !== 'nothing') {
          isBlank &&= match.index === 0;
          return { found, at: match.index };
        }
      }
      if (isHead && beginsJson(sign, piece.slice(0, match.index))) {
        json = createNestedSkipper(DEEPEST);
        at = match.index;
      }
      isHead = false;
    }
    isBlank &&= isHead && piece.trim() === '';
    return { found: 'nothing', at: piece.length };
  };

  return { find };
}
