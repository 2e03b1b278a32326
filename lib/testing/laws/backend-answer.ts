import type { LLMChunk } from '../../backend/backend.js';
import type { Json } from '../../domain/json.js';
import { endOf, valuesOf, type Heard } from './heard.js';

/** What an answer says, however it is cut into chunks. */
export interface AnswerContent {
  readonly text: string;
  readonly reasoning: string;
  /** Without their ids: servers draw new ones each time. */
  readonly calls: readonly Json[];
  readonly rest: readonly LLMChunk[];
}

/** The chunks that came before the end. */
export const chunksOf = (heard: Heard<LLMChunk>): readonly LLMChunk[] => {
  const end = endOf(heard);
  return valuesOf(end === undefined ? heard : heard.slice(0, heard.indexOf(end)));
};

/** The chunks that count: what came before a restart is void. */
export const validChunks = (chunks: readonly LLMChunk[]): readonly LLMChunk[] =>
  chunks.slice(chunks.findLastIndex(({ type }) => type === 'restart') + 1);

const joined = (chunks: readonly LLMChunk[], type: 'text' | 'reasoning'): string =>
  chunks.map((chunk) => (chunk.type === type ? chunk.text : '')).join('');

/**
 * What an answer says, put together from its chunks.
 *
 * @internal
 */
export const contentOf = (chunks: readonly LLMChunk[]): AnswerContent => {
  const valid = validChunks(chunks);
  return {
    text: joined(valid, 'text'),
    reasoning: joined(valid, 'reasoning'),
    calls: valid.flatMap((chunk) => (chunk.type === 'tool_call' ? [{ name: chunk.name, params: chunk.params }] : [])),
    rest: valid.filter(({ type }) => type === 'usage' || type === 'finish'),
  };
};
