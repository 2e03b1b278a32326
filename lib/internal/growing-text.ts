/** A text that grows piece by piece and is seldom asked for. */
export interface GrowingText {
  add(piece: string): void;
  /** All of it. */
  whole(): string;
}

/** How many pieces are kept apart before they are made one. */
const MOST_PIECES = 16;

class PiecedText implements GrowingText {
  #text = '';
  /** What came after that. No list before there is a piece: an empty one reserves room for many. */
  #pieces: string[] | undefined;

  add(piece: string): void {
    if (this.#pieces === undefined) {
      this.#pieces = [piece];
    } else if (this.#pieces.length < MOST_PIECES) {
      this.#pieces.push(piece);
    } else {
      this.#text += this.#pieces.join('');
      this.#pieces = [piece];
    }
  }

  whole(): string {
    return this.#pieces === undefined ? '' : this.#text + this.#pieces.join('');
  }
}

/**
 * Makes an empty {@link GrowingText}.
 *
 * A list of tokens takes 32 bytes for each and a string that grows by tokens twice as much. This takes the characters,
 * and 2 bytes a token for how its parts hang together: each piece is copied into a part, and once more by `whole`.
 *
 * @internal
 */
export const createGrowingText = (): GrowingText => new PiecedText();
