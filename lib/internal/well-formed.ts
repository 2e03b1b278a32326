/** Units that are half a pair without their other half; in unicode mode whole pairs do not match. */
const LONE_SURROGATES = /\p{Surrogate}/gu;

/**
 * A text in which every half of a surrogate pair that stands alone is replaced, as encoding it in UTF-8 would do.
 *
 * @internal
 */
export const toWellFormed = (text: string): string => text.replace(LONE_SURROGATES, '\ufffd');
