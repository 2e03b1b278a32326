/**
 * A line of a cassette that is not blank.
 *
 * @internal
 */
export interface TextLine {
  /** From 1, blank lines counted. */
  readonly number: number;
  readonly text: string;
  /** Whether it is the last one and no break follows, so that it may be torn. */
  readonly isOpen: boolean;
}

const BREAK = /\r?\n/;

/** The lines of one piece; a break at its end is the end of its last line. */
const linesOf = (piece: string): readonly string[] => piece.replace(/\r?\n$/, '').split(BREAK);

/**
 * The lines of a cassette, which is one text or one text a line, with or without breaks.
 *
 * @internal
 */
export function cassetteText(cassette: string | Iterable<string>): readonly TextLine[] {
  const pieces = typeof cassette === 'string' ? [cassette] : [...cassette];
  const isOpen = pieces.at(-1)?.endsWith('\n') !== true;
  const lines = pieces.flatMap(linesOf).map((text, index) => (index === 0 ? text.replace(/^\ufeff/, '') : text));
  return lines.flatMap((text, index) =>
    text.trim() === '' ? [] : [{ number: index + 1, text, isOpen: isOpen && index === lines.length - 1 }],
  );
}
