import * as t from 'io-ts';
import { JsonRecord } from './json.js';
import { objectCodec } from './object-codec.js';

/** One whole native tool call of a model. */
export interface ToolCall extends t.TypeOf<typeof ToolCall> {}
/** Codec of {@link ToolCall}. */
export const ToolCall = objectCodec('ToolCall', { id: t.string, name: t.string, params: JsonRecord });

/** A message of a conversation with a model. */
export type ChatMessage = t.TypeOf<typeof ChatMessage>;
/** Codec of {@link ChatMessage}. */
export const ChatMessage = /* @__PURE__ */ t.union(
  [
    objectCodec('InstructionMessage', { role: t.union([t.literal('system'), t.literal('user')]), content: t.string }),
    objectCodec('AssistantMessage', { role: t.literal('assistant'), content: t.string }, { toolCalls: t.readonlyArray(ToolCall) }),
    objectCodec('ToolMessage', { role: t.literal('tool'), toolCallId: t.string, content: t.string }),
  ],
  'ChatMessage',
);
