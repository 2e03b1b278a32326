import type { ChatMessage } from '../domain/chat-message.js';
import type { JsonRecord } from '../domain/json.js';
import type { LLMRequest, ToolDescription } from './backend.js';
import { isStrictSchema } from './strict-schema.js';

/** The body of a request for a chat completion, as it goes over the wire. */
export interface ChatCompletionBody {
  model: string;
  messages: WireMessage[];
  stream: true;
  stream_options?: { include_usage: boolean };
  temperature?: number;
  max_tokens?: number;
  max_completion_tokens?: number;
  stop?: string[];
  response_format?: WireResponseFormat;
  tools?: { type: 'function'; function: { name: string; description?: string; parameters: Record<string, unknown> } }[];
}

type WireMessage =
  | { role: 'system' | 'user'; content: string }
  | {
      role: 'assistant';
      content: string | null;
      tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: string } }[];
    }
  | { role: 'tool'; tool_call_id: string; content: string };

type WireResponseFormat =
  | { type: 'json_object' }
  | { type: 'json_schema'; json_schema: { name: string; schema: Record<string, unknown>; strict: boolean } };

/** What a server turned out not to take, and what it gets instead. */
export interface Concessions {
  /** It does not tell its usage in a stream. */
  readonly streamOptions?: 'none';
  /** It has another name for the limit. */
  readonly maxTokens?: 'max_completion_tokens';
  /** It takes no temperature. */
  readonly temperature?: 'none';
  /** It knows no schemas, or no formats at all. */
  readonly responseFormat?: 'json_object' | 'none';
  /** It does not take the schema of this request as strict, or not at all. It may take another. */
  readonly schema?: 'not strict' | 'json_object';
}

const DEFAULT_TEMPERATURE = 0.7;
const DEFAULT_MAX_TOKENS = 2048;
const LONGEST_NAME = 64;

function toWireMessage(message: ChatMessage): WireMessage {
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.toolCallId, content: message.content };
  if (message.role !== 'assistant') return { role: message.role, content: message.content };
  const { content, toolCalls = [] } = message;
  if (toolCalls.length === 0) return { role: 'assistant', content };
  return {
    role: 'assistant',
    content: content === '' ? null : content,
    tool_calls: toolCalls.map(({ id, name, params }) => ({
      id,
      type: 'function',
      function: { name, arguments: JSON.stringify(params) },
    })),
  };
}

const toWireTool = ({ name, description, parameters }: ToolDescription) => ({
  type: 'function' as const,
  function: { name, ...(description === undefined ? {} : { description }), parameters: { ...parameters } },
});

const isToldInWords = ({ responseFormat, schema }: Concessions): boolean => responseFormat !== undefined || schema === 'json_object';

function toWireFormat(format: NonNullable<LLMRequest['responseFormat']>, conceded: Concessions): WireResponseFormat | undefined {
  if (conceded.responseFormat === 'none') return undefined;
  if (isToldInWords(conceded)) return { type: 'json_object' };
  const strict = conceded.schema === undefined && isStrictSchema(format.schema);
  const name = format.name.replace(/[^\w-]/g, '_').slice(0, LONGEST_NAME);
  return { type: 'json_schema', json_schema: { name, schema: { ...format.schema }, strict } };
}

/** The schema in words, for servers that cannot be given it; told to the model with its rules. */
function withSchemaInWords(messages: readonly ChatMessage[], schema: JsonRecord): readonly ChatMessage[] {
  const words = `Answer with one JSON object that fits this JSON Schema, and nothing else:\n${JSON.stringify(schema)}`;
  const [first, ...others] = messages;
  if (first?.role !== 'system') return [{ role: 'system', content: words }, ...messages];
  return [{ role: 'system', content: `${first.content}\n\n${words}` }, ...others];
}

/** What the body of every request of a backend has, beside the request itself. */
export interface BodyConfig {
  readonly model: string;
  readonly extraBody?: JsonRecord | undefined;
}

/**
 * The body of a request, without what the server does not take. A schema that it does not take is told in words.
 *
 * @internal
 */
export function toRequestBody(request: LLMRequest, { model, extraBody }: BodyConfig, conceded: Concessions): ChatCompletionBody {
  const { messages, temperature = DEFAULT_TEMPERATURE, maxTokens = DEFAULT_MAX_TOKENS, stop = [], responseFormat, tools = [] } = request;
  const told = responseFormat !== undefined && isToldInWords(conceded) ? withSchemaInWords(messages, responseFormat.schema) : messages;
  const format = responseFormat === undefined ? undefined : toWireFormat(responseFormat, conceded);
  return {
    model,
    messages: told.map(toWireMessage),
    ...(conceded.streamOptions === undefined && { stream_options: { include_usage: true } }),
    ...(temperature !== null && conceded.temperature === undefined && { temperature }),
    [conceded.maxTokens ?? 'max_tokens']: maxTokens,
    ...(stop.length > 0 && { stop: [...stop] }),
    ...(format !== undefined && { response_format: format }),
    ...(tools.length > 0 && { tools: tools.map(toWireTool) }),
    ...extraBody,
    stream: true,
  };
}
