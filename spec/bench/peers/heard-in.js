/**
 * Reads a stream to its end, and counts the characters of what `textOf` finds in its items.
 *
 * @template Item
 * @param {AsyncIterable<Item>} stream
 * @param {(item: Item) => string} textOf
 */
export const heardIn = async (stream, textOf) => {
  let heard = 0;
  for await (const item of stream) heard += textOf(item).length;
  return heard;
};
