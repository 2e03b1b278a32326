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
  open(): void;
  /** Reads on from `at`; returns where it stopped, see `ended`. */
  read(piece: string, at: number): number;
  /** How the last `read` ended. At a fault the index is that of the character that may not stand there. */
  ended(): StringEnd;
  /** What was unescaped since it was last taken, well-formed and never ending in half a surrogate pair. */
  take(): string;
}

class UnescapingReader implements JsonStringReader {
  #text = '';
  #hasSurrogate = false;
  #isEscaped = false;
  #hexLeft = 0;
  #hexValue = 0;
  #end: StringEnd = 'open';

  open(): void {
    this.#text = '';
    this.#hasSurrogate = false;
    this.#isEscaped = false;
    this.#hexLeft = 0;
    this.#end = 'open';
  }

  read(piece: string, from: number): number {
    let at = from;
    this.#end = 'open';
    while (at < piece.length) {
      if (this.#isEscaped || this.#hexLeft > 0) {
        if (!this.#readEscape(piece.charCodeAt(at))) {
          this.#end = 'fault';
          return at;
        }
        at += 1;
        continue;
      }
      at = this.#readRun(piece, at);
      if (at >= piece.length) break;
      if (piece.charCodeAt(at) === QUOTE) {
        this.#end = 'closed';
        return at + 1;
      }
      this.#isEscaped = true;
      at += 1;
    }
    return at;
  }

  ended(): StringEnd {
    return this.#end;
  }

  take(): string {
    let taken = this.#text;
    this.#text = '';
    if (!this.#hasSurrogate) return taken;
    this.#hasSurrogate = false;
    const last = taken.charCodeAt(taken.length - 1);
    if (this.#end === 'open' && last >= FIRST_SURROGATE && last <= LAST_HIGH_SURROGATE) {
      // The other half may come with the next piece.
      this.#text = taken.slice(-1);
      this.#hasSurrogate = true;
      taken = taken.slice(0, -1);
    }
    return toWellFormed(taken);
  }

  /** The run of ordinary characters from `from`, taken as one slice. Returns where it ends. */
  #readRun(piece: string, from: number): number {
    let at = from;
    for (; at < piece.length; at += 1) {
      const code = piece.charCodeAt(at);
      if (code === QUOTE || code === BACKSLASH) break;
      if (code >= FIRST_SURROGATE) this.#hasSurrogate = true;
    }
    if (at > from) this.#text += piece.slice(from, at);
    return at;
  }

  /** One character of an escape; whether it may stand there. */
  #readEscape(code: number): boolean {
    if (this.#hexLeft > 0) {
      const digit = hexDigit(code);
      if (digit < 0) return false;
      this.#hexValue = this.#hexValue * 16 + digit;
      this.#hexLeft -= 1;
      if (this.#hexLeft === 0) this.#append(String.fromCharCode(this.#hexValue));
      return true;
    }
    this.#isEscaped = false;
    if (code === LOWER_U) {
      this.#hexLeft = 4;
      this.#hexValue = 0;
      return true;
    }
    const unit = ESCAPES.get(code);
    this.#text += unit ?? '';
    return unit !== undefined;
  }

  #append(unit: string): void {
    this.#text += unit;
    if (unit.charCodeAt(0) >= FIRST_SURROGATE) this.#hasSurrogate = true;
  }
}

/**
 * Makes a reader of JSON strings that unescapes as it goes. Control characters are let through: whoever parses the
 * whole text decides about them.
 *
 * @internal
 */
export const createJsonStringReader = (): JsonStringReader => new UnescapingReader();
