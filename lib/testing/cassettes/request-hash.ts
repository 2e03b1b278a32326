/** Of the two halves that the hash is mixed from. */
const SEEDS = [0xdeadbeef, 0x41c6ce57] as const;

/**
 * A short name of a text: cyrb53, 53 bits as 14 hexadecimal digits. No way back to a key that was in the text, though
 * who guesses a short secret can check the guess. Not cryptographic, and two texts may share one: what decides whether
 * two requests are the same is their text; the hash only tells apart those that the redaction has made the same.
 *
 * @internal
 */
export function requestHash(canonical: string): string {
  let [low, high]: [number, number] = [...SEEDS];
  for (let index = 0; index < canonical.length; index += 1) {
    const unit = canonical.charCodeAt(index);
    low = Math.imul(low ^ unit, 2654435761);
    high = Math.imul(high ^ unit, 1597334677);
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  return (4294967296 * (2097151 & high) + (low >>> 0)).toString(16).padStart(14, '0');
}
