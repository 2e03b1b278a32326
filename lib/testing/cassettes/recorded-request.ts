import * as t from 'io-ts';
import type { LLMRequest } from '../../backend/backend.js';
import { ChatMessage } from '../../domain/chat-message.js';
import { Finite } from '../../domain/finite.js';
import { JsonRecord } from '../../domain/json.js';
import { objectCodec } from '../../domain/object-codec.js';
import { keepingCodec } from './tagged-codec.js';

const ToolDescription = objectCodec('ToolDescription', { name: t.string, parameters: JsonRecord }, { description: t.string });

/**
 * Codec of the requests of a cassette.
 *
 * @internal
 */
export const RecordedRequest: t.Type<LLMRequest> = keepingCodec<LLMRequest>(
  objectCodec(
    'LLMRequest',
    { messages: t.readonlyArray(ChatMessage) },
    {
      temperature: t.union([Finite, t.null]),
      maxTokens: Finite,
      stop: t.readonlyArray(t.string),
      responseFormat: objectCodec('ResponseFormat', { name: t.string, schema: JsonRecord }),
      tools: t.readonlyArray(ToolDescription),
    },
  ),
);
