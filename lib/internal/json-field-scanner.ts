import { createGrowingText, type GrowingText } from './growing-text.js';
import { createNestedSkipper, createQuoteFinder, type NestedSkipper } from './json-skip.js';
import { createJsonStringReader } from './json-string-reader.js';

/** What a scanner finds in a piece of text. */
export type ScanEvent =
  /** More of a top-level string field of the current object, unescaped; at most one a field and piece. */
  | { readonly type: 'delta'; readonly field: string; readonly text: string }
  /** A key came again in the current object: what was said of its field before is void. */
  | { readonly type: 'duplicate'; readonly field: string }
  /** The object has ended; its exact text. */
  | { readonly type: 'root'; readonly text: string }
  /** The current object is none: a false start. `hasKey`: it had a key, so it was meant as one. */
  | { readonly type: 'failure'; readonly reason: string; readonly hasKey: boolean };

/** Finds JSON objects in a text that comes in pieces. */
export interface JsonFieldScanner {
  /** Reads a piece, of any length and cut anywhere. Never throws. */
  push(piece: string): readonly ScanEvent[];
  /** Whether an object has begun and not ended. */
  isOpen(): boolean;
}

type Place = 'outside' | 'first key' | 'key' | 'in key' | 'colon' | 'value' | 'in string' | 'in scalar' | 'in nested' | 'after value';

/** Deeper objects are refused: nobody nests so deep on purpose. */
const DEEPEST = 200;

const SCALAR = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_BRACKET = 91;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9;
const isScalarPart = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 97 && code <= 122) || code === 43 || code === 45 || code === 46 || code === 69;

/** A key as it is meant; `undefined` where its escapes make no sense. */
const unescapeKey = (raw: string): string | undefined => {
  if (!raw.includes('\\')) return raw;
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    return undefined;
  }
};

const NO_EVENTS: readonly ScanEvent[] = [];

class FieldScanner implements JsonFieldScanner {
  #place: Place = 'outside';
  #events: ScanEvent[] | undefined;
  /** The root's text from earlier pieces. */
  #root: GrowingText | undefined;
  /** Where in the current piece the root's text goes on. */
  #rootFrom = 0;
  #keys: Set<string> | undefined;
  /** The raw text of the key or scalar that is being read. */
  #part = '';
  #field = '';
  readonly #strings = createJsonStringReader();
  readonly #quotes = createQuoteFinder();
  #nested: NestedSkipper | undefined;

  push(piece: string): readonly ScanEvent[] {
    this.#rootFrom = 0;
    let at = 0;
    while (at < piece.length) at = this.#readOn(piece, at);
    if (this.#place !== 'outside') {
      this.#root ??= createGrowingText();
      this.#root.add(this.#rootFrom === 0 ? piece : piece.slice(this.#rootFrom));
    }
    const events = this.#events ?? NO_EVENTS;
    this.#events = undefined;
    return events;
  }

  isOpen(): boolean {
    return this.#place !== 'outside';
  }

  #readOn(piece: string, at: number): number {
    switch (this.#place) {
      case 'outside':
        return this.#seek(piece, at);
      case 'first key':
      case 'key':
        return this.#beginKey(piece, at);
      case 'in key':
        return this.#readKey(piece, at);
      case 'colon':
        return this.#readColon(piece, at);
      case 'value':
        return this.#beginValue(piece, at);
      case 'in string':
        return this.#readString(piece, at);
      case 'in scalar':
        return this.#readScalar(piece, at);
      case 'in nested':
        return this.#readNested(piece, at);
      case 'after value':
      default:
        return this.#readSeparator(piece, at);
    }
  }

  #tell(event: ScanEvent): void {
    if (this.#events === undefined) this.#events = [event];
    else this.#events.push(event);
  }

  #fail(reason: string, at: number): number {
    this.#tell({ type: 'failure', reason, hasKey: this.#keys !== undefined });
    this.#place = 'outside';
    return at;
  }

  #misfit(expected: string, piece: string, at: number): number {
    return this.#fail(`expected ${expected}, got ${JSON.stringify(piece.charAt(at))}`, at);
  }

  #seek(piece: string, from: number): number {
    const at = piece.indexOf('{', from);
    if (at < 0) return piece.length;
    this.#place = 'first key';
    this.#root = undefined;
    this.#rootFrom = at;
    this.#keys = undefined;
    return at + 1;
  }

  #endRoot(piece: string, at: number): number {
    this.#tell({ type: 'root', text: (this.#root?.whole() ?? '') + piece.slice(this.#rootFrom, at + 1) });
    this.#place = 'outside';
    return at + 1;
  }

  #beginKey(piece: string, at: number): number {
    const code = piece.charCodeAt(at);
    if (isSpace(code)) return at + 1;
    if (code === CLOSE_BRACE && this.#place === 'first key') return this.#endRoot(piece, at);
    if (code !== QUOTE) return this.#misfit('a key in quotes', piece, at);
    this.#place = 'in key';
    this.#part = '';
    return at + 1;
  }

  #readKey(piece: string, from: number): number {
    const at = this.#quotes.find(piece, from);
    this.#part += piece.slice(from, at);
    if (at >= piece.length) return at;
    const key = unescapeKey(this.#part);
    if (key === undefined) return this.#fail('a key has an escape that JSON does not know', at);
    if (this.#keys?.has(key) === true) this.#tell({ type: 'duplicate', field: key });
    this.#keys ??= new Set();
    this.#keys.add(key);
    this.#field = key;
    this.#place = 'colon';
    return at + 1;
  }

  #readColon(piece: string, at: number): number {
    const code = piece.charCodeAt(at);
    if (isSpace(code)) return at + 1;
    if (code !== COLON) return this.#misfit('a colon after a key', piece, at);
    this.#place = 'value';
    return at + 1;
  }

  #beginValue(piece: string, at: number): number {
    const code = piece.charCodeAt(at);
    if (isSpace(code)) return at + 1;
    if (code === QUOTE) {
      this.#strings.open();
      this.#place = 'in string';
      return at + 1;
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      this.#nested ??= createNestedSkipper(DEEPEST - 1);
      this.#nested.open();
      this.#place = 'in nested';
      return at;
    }
    if (!isScalarPart(code)) return this.#misfit('a value', piece, at);
    this.#part = '';
    this.#place = 'in scalar';
    return at;
  }

  #readString(piece: string, from: number): number {
    const at = this.#strings.read(piece, from);
    const end = this.#strings.ended();
    if (end === 'fault') return this.#fail('a text has an escape that JSON does not know', at);
    const text = this.#strings.take();
    if (text !== '') this.#tell({ type: 'delta', field: this.#field, text });
    if (end === 'closed') this.#place = 'after value';
    return at;
  }

  #readScalar(piece: string, from: number): number {
    let at = from;
    while (at < piece.length && isScalarPart(piece.charCodeAt(at))) at += 1;
    this.#part += piece.slice(from, at);
    if (at >= piece.length) return at;
    if (!SCALAR.test(this.#part)) return this.#fail(`${this.#part.slice(0, 20)} is no JSON value`, at);
    this.#place = 'after value';
    return at;
  }

  #readNested(piece: string, from: number): number {
    this.#nested ??= createNestedSkipper(DEEPEST - 1);
    const at = this.#nested.skip(piece, from);
    const end = this.#nested.ended();
    if (end === 'too deep') return this.#fail(`the object is nested deeper than ${DEEPEST} levels`, at);
    if (end === 'mismatch') return this.#fail('brackets do not match', at);
    if (end === 'closed') this.#place = 'after value';
    return at;
  }

  #readSeparator(piece: string, at: number): number {
    const code = piece.charCodeAt(at);
    if (isSpace(code)) return at + 1;
    if (code === CLOSE_BRACE) return this.#endRoot(piece, at);
    if (code !== COMMA) return this.#misfit('a comma or the end of the object', piece, at);
    this.#place = 'key';
    return at + 1;
  }
}

/**
 * Makes a scanner that finds JSON objects in a text, such as an answer with prose and fences around them, and gives
 * their top-level string fields as they form. It reads each character once and looks at the grammar of an object's top
 * level; deeper down it balances brackets, and whoever parses the whole object decides. After a false start it goes on
 * from the character that did not fit, which may begin the next object.
 *
 * @internal
 */
export const createJsonFieldScanner = (): JsonFieldScanner => new FieldScanner();
