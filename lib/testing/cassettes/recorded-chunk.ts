import * as t from 'io-ts';
import type { LLMChunk } from '../../backend/backend.js';
import { JsonRecord } from '../../domain/json.js';
import { objectCodec } from '../../domain/object-codec.js';
import { Usage } from '../../domain/usage.js';
import { keepingCodec, taggedCodec } from './tagged-codec.js';

/**
 * Codec of the chunks of a cassette.
 *
 * @internal
 */
export const RecordedChunk: t.Type<LLMChunk> = keepingCodec<LLMChunk>(
  taggedCodec('LLMChunk', 'type', {
    text: objectCodec('TextChunk', { type: t.literal('text'), text: t.string }),
    reasoning: objectCodec('ReasoningChunk', { type: t.literal('reasoning'), text: t.string }),
    tool_call: objectCodec('ToolCallChunk', { type: t.literal('tool_call'), id: t.string, name: t.string, params: JsonRecord }),
    usage: objectCodec('UsageChunk', { type: t.literal('usage'), usage: Usage }),
    finish: objectCodec('FinishChunk', { type: t.literal('finish'), reason: t.string }),
    restart: objectCodec('RestartChunk', { type: t.literal('restart') }, { reason: t.string }),
  }),
);
