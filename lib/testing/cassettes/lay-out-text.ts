import { truncate } from '../../domain/text.js';
import { sharedEnds } from './shared-ends.js';

/**
 * Cuts a text into as many pieces as another one came in: where both begin and end alike at the same places, between
 * them in proportion. Together the pieces are the text, so that nothing is in them that it does not hold.
 *
 * ```text
 * pieces   'the key ' 'sk-12345' '67890 fits'
 * text     'the key [redacted] fits'
 * cut      'the key ' '[redac' 'ted] fits'
 * ```
 *
 * @internal
 */
export function layOutText(pieces: readonly string[], text: string): readonly string[] {
  const original = pieces.join('');
  const { start, end } = sharedEnds(original, text);
  const stretch = (text.length - start - end) / Math.max(1, original.length - start - end);
  const placeOf = (offset: number): number => {
    if (offset <= start) return offset;
    if (offset >= original.length - end) return text.length - (original.length - offset);
    return truncate(text, start + Math.floor((offset - start) * stretch)).length;
  };
  let offset = 0;
  let from = 0;
  return pieces.map((piece, index) => {
    offset += piece.length;
    const to = index === pieces.length - 1 ? text.length : Math.max(from, placeOf(offset));
    const cut = text.slice(from, to);
    from = to;
    return cut;
  });
}
