/** How long a stream is silent before it is aborted, in milliseconds. */
const SILENCE = 20;
/** What the last piece of text before the silence is, and none before it has. */
const LAST = '.';

/**
 * Breaks out of the loop over a stream when the last piece has come, and gives the time of that. Whether the loop ever
 * ends is the peer's affair, so it is not waited for.
 *
 * @template Item
 * @param {AsyncIterable<Item>} stream
 * @param {(item: Item) => string} textOf
 * @returns {Promise<bigint>}
 */
const breakOff = (stream, textOf) =>
  new Promise((resolve, reject) => {
    const read = async () => {
      for await (const item of stream) {
        if (!textOf(item).includes(LAST)) continue;
        resolve(process.hrtime.bigint());
        break;
      }
    };
    read().catch(reject);
  });

/**
 * Aborts when the last piece has come and nothing after it for a while, and gives the time of that. The stream is read
 * on: some end by it, some fail, and both are right.
 *
 * @template Item
 * @param {AsyncIterable<Item>} stream
 * @param {(item: Item) => string} textOf
 * @param {AbortController} controller
 * @returns {Promise<bigint>}
 */
const abortInSilence = (stream, textOf, controller) =>
  new Promise((resolve, reject) => {
    const abort = () => {
      resolve(process.hrtime.bigint());
      controller.abort();
    };
    const read = async () => {
      for await (const item of stream) if (textOf(item).includes(LAST)) setTimeout(abort, SILENCE);
    };
    read().catch(reject);
  });

/**
 * Both ways of giving up a stream, by its makers' own means.
 *
 * @template Item
 * @param {(baseURL: string, signal?: AbortSignal) => AsyncIterable<Item> | PromiseLike<AsyncIterable<Item>>} open
 * @param {(item: Item) => string} textOf
 */
export const waysToGiveUp = (open, textOf) => ({
  /** @param {string} baseURL */
  break: async (baseURL) => breakOff(await open(baseURL), textOf),
  /** @param {string} baseURL */
  abort: async (baseURL) => {
    const controller = new AbortController();
    return abortInSilence(await open(baseURL, controller.signal), textOf, controller);
  },
});
