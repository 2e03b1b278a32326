import type { OperatorFunction } from 'rxjs';
import { operate } from '../internal/operate.js';

/**
 * Decodes UTF-8 that is cut anywhere. A byte order mark is left out, and bytes that are no UTF-8 become U+FFFD.
 *
 * @internal
 */
export const decodeText = (): OperatorFunction<Uint8Array, string> =>
  operate<Uint8Array, string>((subscriber) => {
    const decoder = new TextDecoder();
    return {
      next: (bytes) => {
        const text = decoder.decode(bytes, { stream: true });
        if (text !== '') subscriber.next(text);
      },
      complete: () => {
        const rest = decoder.decode();
        if (rest !== '') subscriber.next(rest);
      },
    };
  });
