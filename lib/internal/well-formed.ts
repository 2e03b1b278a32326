/** Units that are half a pair without their other half; in unicode mode whole pairs do not match. */
const LONE_SURROGATES = /\p{Surrogate}/gu;

/**
 * A text in which every half of a surrogate pair that stands alone is replaced, as encoding it in UTF-8 would do.
 *
 * @internal
 */
export const toWellFormed = (text: string): string => text.replace(LONE_SURROGATES, '\ufffd');

/** Puts the halves of surrogate pairs together again that a text was cut between. */
export interface PairKeeper {
  /** What can be said of the text up to this piece: well-formed, and never ending in half a pair. */
  take(piece: string): string;
  /** What is left where no more comes: nothing, or what stands for a half whose other half never came. */
  rest(): string;
}

const endsInHalfPair = (text: string): boolean => {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
};

class HalfKeeper implements PairKeeper {
  #half = '';

  take(piece: string): string {
    const text = this.#half + piece;
    this.#half = endsInHalfPair(text) ? text.slice(-1) : '';
    return toWellFormed(this.#half === '' ? text : text.slice(0, -1));
  }

  rest(): string {
    const left = toWellFormed(this.#half);
    this.#half = '';
    return left;
  }
}

/**
 * Makes a {@link PairKeeper} of one text.
 *
 * @internal
 */
export const createPairKeeper = (): PairKeeper => new HalfKeeper();
