import type { ChatMessage } from '../domain/chat-message.js';
import type { LLMRequest } from './backend.js';

/** Between English prose, with more of them to a token, and code and other scripts, with fewer. */
const CHARACTERS_A_TOKEN = 4;

/** How many tokens a text of so many UTF-16 code units is taken for. */
export const estimateTokens = (characters: number): number => Math.ceil(characters / CHARACTERS_A_TOKEN);

const lengthInJson = (value: unknown): number => (value === undefined ? 0 : JSON.stringify(value).length);

const lengthOf = (message: ChatMessage): number =>
  message.content.length + (message.role === 'assistant' ? lengthInJson(message.toolCalls) : 0);

/**
 * How many tokens a request is taken for: its messages, its tools and its schema.
 *
 * @internal
 */
export const estimateInput = ({ messages, tools, responseFormat }: LLMRequest): number =>
  estimateTokens(
    messages.reduce((length, message) => length + lengthOf(message), 0) + lengthInJson(tools) + lengthInJson(responseFormat?.schema),
  );
