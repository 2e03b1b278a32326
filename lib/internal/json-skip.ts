const QUOTE = 34;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/**
 * Makes a finder of the closing quotes of strings that come in pieces, one after the other. It returns the index of the
 * quote, or the length of the piece where the string goes on.
 *
 * @internal
 */
export const createQuoteFinder = (): ((piece: string, from: number) => number) => {
  let isEscaped = false;
  return (piece, from) => {
    for (let at = from; at < piece.length; at += 1) {
      const code = piece.charCodeAt(at);
      if (isEscaped) isEscaped = false;
      else if (code === BACKSLASH) isEscaped = true;
      else if (code === QUOTE) return at;
    }
    return piece.length;
  };
};

/** How a skip ended: after the closing bracket, with the piece, or at a bracket that may not stand there. */
export type SkipEnd = 'closed' | 'open' | 'mismatch' | 'too deep';

/** Passes over a JSON object or array that comes in pieces. */
export interface NestedSkipper {
  /** Begins a value; its opening bracket has not been read. */
  readonly open: () => void;
  /** Reads on from `at`; returns where it stopped, see `ended`. */
  readonly skip: (piece: string, at: number) => number;
  /** How the last `skip` ended. */
  readonly ended: () => SkipEnd;
}

/**
 * Makes a skipper of nested values: it balances brackets outside strings and leaves the rest of the grammar to whoever
 * parses the whole.
 *
 * @internal
 */
export const createNestedSkipper = (deepest: number): NestedSkipper => {
  let closers: number[] = [];
  let isInString = false;
  let end: SkipEnd = 'open';
  const findQuote = createQuoteFinder();

  const readBracket = (code: number): SkipEnd => {
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (closers.length >= deepest) return 'too deep';
      // In both pairs the closing bracket stands two places after the opening one.
      closers.push(code + 2);
      return 'open';
    }
    if (closers.pop() !== code) return 'mismatch';
    return closers.length === 0 ? 'closed' : 'open';
  };

  const skip = (piece: string, from: number): number => {
    let at = from;
    end = 'open';
    for (; at < piece.length; at += 1) {
      if (isInString) {
        at = findQuote(piece, at);
        isInString = at >= piece.length;
        continue;
      }
      const code = piece.charCodeAt(at);
      if (code === QUOTE) isInString = true;
      else if (code === OPEN_BRACE || code === OPEN_BRACKET || code === CLOSE_BRACE || code === CLOSE_BRACKET) {
        end = readBracket(code);
        if (end !== 'open') return end === 'closed' ? at + 1 : at;
      }
    }
    return piece.length;
  };

  const open = (): void => {
    closers = [];
    end = 'open';
  };

  return { open, skip, ended: () => end };
};
