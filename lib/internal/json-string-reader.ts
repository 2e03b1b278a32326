import { toWellFormed } from './well-formed.js';

const QUOTE = 34;
const BACKSLASH = 92;
const LOWER_U = 117;
const FIRST_SURROGATE = 0xd800;
const LAST_HIGH_SURROGATE = 0xdbff;

/** What stands for the letter after a backslash, by its char code. */
const ESCAPES: ReadonlyMap<number, string> = new Map(
  Object.entries({ '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }).map(([letter, text]) => [
    letter.charCodeAt(0),
    text,
  ]),
);

const hexDigit = (code: number): number => {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
};

/** Where a call of `read` stopped: the index after the closing quote, the end of the piece, or a fault. */
export type StringEnd = 'closed' | 'open' | 'fault';

/** Reads one JSON string after the other, in pieces cut anywhere. */
export interface JsonStringReader {
  /** Begins a string; its opening quote has been read. */
  readonly open: () => void;
  /** Reads on from `at`; returns where it stopped, see `ended`. */
  readonly read: (piece: string, at: number) => number;
  /** How the last `read` ended. At a fault the index is that of the character that may not stand there. */
  readonly ended: () => StringEnd;
  /** What was unescaped since it was last taken, well-formed and never ending in half a surrogate pair. */
  readonly take: () => string;
}

/**
 * Makes a reader of JSON strings that unescapes as it goes. Control characters are let through: whoever parses the
 * whole text decides about them.
 *
 * @internal
 */
export const createJsonStringReader = (): JsonStringReader => {
  let text = '';
  let hasSurrogate = false;
  let isEscaped = false;
  let hexLeft = 0;
  let hexValue = 0;
  let end: StringEnd = 'open';

  const append = (unit: string): void => {
    text += unit;
    if (unit.charCodeAt(0) >= FIRST_SURROGATE) hasSurrogate = true;
  };

  /** One character of an escape; whether it may stand there. */
  const readEscape = (code: number): boolean => {
    if (hexLeft > 0) {
      const digit = hexDigit(code);
      if (digit < 0) return false;
      hexValue = hexValue * 16 + digit;
      hexLeft -= 1;
      if (hexLeft === 0) append(String.fromCharCode(hexValue));
      return true;
    }
    isEscaped = false;
    if (code === LOWER_U) {
      hexLeft = 4;
      hexValue = 0;
      return true;
    }
    const unit = ESCAPES.get(code);
    text += unit ?? '';
    return unit !== undefined;
  };

  /** The run of ordinary characters from `from`, taken as one slice. Returns where it ends. */
  const readRun = (piece: string, from: number): number => {
    let at = from;
    for (; at < piece.length; at += 1) {
      const code = piece.charCodeAt(at);
      if (code === QUOTE || code === BACKSLASH) break;
      if (code >= FIRST_SURROGATE) hasSurrogate = true;
    }
    if (at > from) text += piece.slice(from, at);
    return at;
  };

  const read = (piece: string, from: number): number => {
    let at = from;
    end = 'open';
    while (at < piece.length) {
      if (isEscaped || hexLeft > 0) {
        if (!readEscape(piece.charCodeAt(at))) {
          end = 'fault';
          return at;
        }
        at += 1;
        continue;
      }
      at = readRun(piece, at);
      if (at >= piece.length) break;
      if (piece.charCodeAt(at) === QUOTE) {
        end = 'closed';
        return at + 1;
      }
      isEscaped = true;
      at += 1;
    }
    return at;
  };

  const take = (): string => {
    let taken = text;
    text = '';
    if (!hasSurrogate) return taken;
    hasSurrogate = false;
    const last = taken.charCodeAt(taken.length - 1);
    if (end === 'open' && last >= FIRST_SURROGATE && last <= LAST_HIGH_SURROGATE) {
      // The other half may come with the next piece.
      text = taken.slice(-1);
      hasSurrogate = true;
      taken = taken.slice(0, -1);
    }
    return toWellFormed(taken);
  };

  const open = (): void => {
    text = '';
    hasSurrogate = false;
    isEscaped = false;
    hexLeft = 0;
    end = 'open';
  };

  return { open, read, ended: () => end, take };
};
