import { createNestedSkipper, createQuoteFinder } from './json-skip.js';
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
  readonly push: (piece: string) => readonly ScanEvent[];
  /** Whether an object has begun and not ended. */
  readonly isOpen: () => boolean;
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

/**
 * Makes a scanner that finds JSON objects in a text, such as an answer with prose and fences around them, and gives
 * their top-level string fields as they form. It reads each character once and looks at the grammar of an object's top
 * level; deeper down it balances brackets, and whoever parses the whole object decides. After a false start it goes on
 * from the character that did not fit, which may begin the next object.
 *
 * @internal
 */
export const createJsonFieldScanner = (): JsonFieldScanner => {
  let place: Place = 'outside';
  let events: ScanEvent[] = [];
  /** The root's text from earlier pieces: by the hundred thousand, a list costs far less than a string that grows. */
  let root: string[] = [];
  /** Where in the current piece the root's text goes on. */
  let rootFrom = 0;
  let keys = new Set<string>();
  /** The raw text of the key or scalar that is being read. */
  let part = '';
  let field = '';
  const reader = createJsonStringReader();
  const findQuote = createQuoteFinder();
  const nested = createNestedSkipper(DEEPEST - 1);

  const fail = (reason: string, at: number): number => {
    events.push({ type: 'failure', reason, hasKey: keys.size > 0 });
    place = 'outside';
    return at;
  };

  const misfit = (expected: string, piece: string, at: number): number =>
    fail(`expected ${expected}, got ${JSON.stringify(piece.charAt(at))}`, at);

  const seek = (piece: string, from: number): number => {
    const at = piece.indexOf('{', from);
    if (at < 0) return piece.length;
    place = 'first key';
    root = [];
    rootFrom = at;
    keys = new Set();
    return at + 1;
  };

  const endRoot = (piece: string, at: number): number => {
    events.push({ type: 'root', text: root.join('') + piece.slice(rootFrom, at + 1) });
    place = 'outside';
    return at + 1;
  };

  const beginKey = (piece: string, at: number): number => {
    const code = piece.charCodeAt(at);
    if (isSpace(code)) return at + 1;
    if (code === CLOSE_BRACE && place === 'first key') return endRoot(piece, at);
    if (code !== QUOTE) return misfit('a key in quotes', piece, at);
    place = 'in key';
    part = '';
    return at + 1;
  };

  const readKey = (piece: string, from: number): number => {
    const at = findQuote(piece, from);
    part += piece.slice(from, at);
    if (at >= piece.length) return at;
    const key = unescapeKey(part);
    if (key === undefined) return fail('a key has an escape that JSON does not know', at);
    if (keys.has(key)) events.push({ type: 'duplicate', field: key });
    keys.add(key);
    field = key;
    place = 'colon';
    return at + 1;
  };

  const readColon = (piece: string, at: number): number => {
    const code = piece.charCodeAt(at);
    if (isSpace(code)) return at + 1;
    if (code !== COLON) return misfit('a colon after a key', piece, at);
    place = 'value';
    return at + 1;
  };

  const beginValue = (piece: string, at: number): number => {
    const code = piece.charCodeAt(at);
    if (isSpace(code)) return at + 1;
    if (code === QUOTE) {
      reader.open();
      place = 'in string';
      return at + 1;
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      nested.open();
      place = 'in nested';
      return at;
    }
    if (!isScalarPart(code)) return misfit('a value', piece, at);
    part = '';
    place = 'in scalar';
    return at;
  };

  const takeDelta = (): void => {
    const text = reader.take();
    if (text !== '') events.push({ type: 'delta', field, text });
  };

  const readString = (piece: string, from: number): number => {
    const at = reader.read(piece, from);
    if (reader.ended() === 'fault') return fail('a text has an escape that JSON does not know', at);
    takeDelta();
    if (reader.ended() === 'closed') place = 'after value';
    return at;
  };

  const readScalar = (piece: string, from: number): number => {
    let at = from;
    while (at < piece.length && isScalarPart(piece.charCodeAt(at))) at += 1;
    part += piece.slice(from, at);
    if (at >= piece.length) return at;
    if (!SCALAR.test(part)) return fail(`${part.slice(0, 20)} is no JSON value`, at);
    place = 'after value';
    return at;
  };

  const readNested = (piece: string, from: number): number => {
    const at = nested.skip(piece, from);
    const end = nested.ended();
    if (end === 'too deep') return fail(`the object is nested deeper than ${DEEPEST} levels`, at);
    if (end === 'mismatch') return fail('brackets do not match', at);
    if (end === 'closed') place = 'after value';
    return at;
  };

  const readSeparator = (piece: string, at: number): number => {
    const code = piece.charCodeAt(at);
    if (isSpace(code)) return at + 1;
    if (code === CLOSE_BRACE) return endRoot(piece, at);
    if (code !== COMMA) return misfit('a comma or the end of the object', piece, at);
    place = 'key';
    return at + 1;
  };

  const readers: Readonly<Record<Place, (piece: string, at: number) => number>> = {
    outside: seek,
    'first key': beginKey,
    key: beginKey,
    'in key': readKey,
    colon: readColon,
    value: beginValue,
    'in string': readString,
    'in scalar': readScalar,
    'in nested': readNested,
    'after value': readSeparator,
  };

  const push = (piece: string): readonly ScanEvent[] => {
    events = [];
    rootFrom = 0;
    let at = 0;
    while (at < piece.length) at = readers[place](piece, at);
    if (place !== 'outside') root.push(rootFrom === 0 ? piece : piece.slice(rootFrom));
    return events;
  };

  return { push, isOpen: () => place !== 'outside' };
};
