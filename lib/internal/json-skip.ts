const QUOTE = 34;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** Finds the closing quotes of strings that come in pieces, one after the other. */
export interface QuoteFinder {
  /** The index of the quote, or the length of the piece where the string goes on. */
  find(piece: string, from: number): number;
}

class PiecewiseQuoteFinder implements QuoteFinder {
  #isEscaped = false;

  find(piece: string, from: number): number {
    for (let at = from; at < piece.length; at += 1) {
      const code = piece.charCodeAt(at);
      if (this.#isEscaped) this.#isEscaped = false;
      else if (code === BACKSLASH) this.#isEscaped = true;
      else if (code === QUOTE) return at;
    }
    return piece.length;
  }
}

/**
 * Makes a {@link QuoteFinder}.
 *
 * @internal
 */
export const createQuoteFinder = (): QuoteFinder => new PiecewiseQuoteFinder();

/** How a skip ended: after the closing bracket, with the piece, or at a bracket that may not stand there. */
export type SkipEnd = 'closed' | 'open' | 'mismatch' | 'too deep';

/** Passes over a JSON object or array that comes in pieces. */
export interface NestedSkipper {
  /** Begins a value; its opening bracket has not been read. */
  open(): void;
  /** Reads on from `at`; returns where it stopped, see `ended`. */
  skip(piece: string, at: number): number;
  /** How the last `skip` ended. */
  ended(): SkipEnd;
}

class BracketSkipper implements NestedSkipper {
  readonly #deepest: number;
  /** Not before there is one: a list that is empty reserves room for many. */
  #closers: number[] | undefined;
  #isInString = false;
  #end: SkipEnd = 'open';
  readonly #quotes = createQuoteFinder();

  constructor(deepest: number) {
    this.#deepest = deepest;
  }

  open(): void {
    this.#closers = undefined;
    this.#end = 'open';
  }

  skip(piece: string, from: number): number {
    let at = from;
    this.#end = 'open';
    for (; at < piece.length; at += 1) {
      if (this.#isInString) {
        at = this.#quotes.find(piece, at);
        this.#isInString = at >= piece.length;
        continue;
      }
      const code = piece.charCodeAt(at);
      if (code === QUOTE) this.#isInString = true;
      else if (code === OPEN_BRACE || code === OPEN_BRACKET || code === CLOSE_BRACE || code === CLOSE_BRACKET) {
        const end = this.#readBracket(code);
        this.#end = end;
        if (end !== 'open') return end === 'closed' ? at + 1 : at;
      }
    }
    return piece.length;
  }

  ended(): SkipEnd {
    return this.#end;
  }

  #readBracket(code: number): SkipEnd {
    const closers = this.#closers;
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if ((closers?.length ?? 0) >= this.#deepest) return 'too deep';
      // In both pairs the closing bracket stands two places after the opening one.
      if (closers === undefined) this.#closers = [code + 2];
      else closers.push(code + 2);
      return 'open';
    }
    if (closers?.pop() !== code) return 'mismatch';
    return closers.length === 0 ? 'closed' : 'open';
  }
}

/**
 * Makes a skipper of nested values: it balances brackets outside strings and leaves the rest of the grammar to whoever
 * parses the whole.
 *
 * @internal
 */
export const createNestedSkipper = (deepest: number): NestedSkipper => new BracketSkipper(deepest);
