import type { LLMChunk } from './backend.js';
import type { StoredAnswer } from './answer-store.js';

const WHOLE: ReadonlySet<string> = new Set(['stop', 'tool_calls']);

const isContent = (chunk: LLMChunk): boolean => chunk.type === 'tool_call' || (chunk.type === 'text' && chunk.text !== '');

/**
 * What of an answer is worth keeping: all that counts in the end, without what it cost.
 *
 * @internal
 */
export class KeptAnswer {
  #chunks: LLMChunk[] = [];

  hear(chunk: LLMChunk): void {
    if (chunk.type === 'restart') this.#chunks = [];
    else if (chunk.type !== 'usage') this.#chunks.push(chunk);
  }

  /** The answer, where it is whole and says something. To be asked when it has completed. */
  whole(): StoredAnswer | undefined {
    const finish = this.#chunks.find((chunk) => chunk.type === 'finish');
    return finish !== undefined && WHOLE.has(finish.reason) && this.#chunks.some(isContent) ? this.#chunks : undefined;
  }
}
