import type { Observable } from 'rxjs';
import type { ChatMessage, ToolCall } from '../domain/chat-message.js';
import type { JsonRecord } from '../domain/json.js';
import type { Meter } from '../domain/meter.js';
import type { Usage } from '../domain/usage.js';

/** A tool as a model is told of it. */
export interface ToolDescription {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the parameters. */
  readonly parameters: JsonRecord;
}

/** What a model is asked. */
export interface LLMRequest {
  readonly messages: readonly ChatMessage[];
  /** From 0 to 2. Defaults to 0.7; `null`: not sent, for models that refuse it. */
  readonly temperature?: number | null;
  /** The most tokens of the answer. Defaults to 2048. */
  readonly maxTokens?: number;
  /** Texts at which the answer ends. */
  readonly stop?: readonly string[];
  /** The answer is to be JSON of this schema, where the server can do that. */
  readonly responseFormat?: { readonly name: string; readonly schema: JsonRecord };
  /** Tools for native tool calls. */
  readonly tools?: readonly ToolDescription[];
  /**
   * Called when the server has begun to answer, before the first chunk. A backend that knows of no such moment leaves it
   * alone. No part of what is asked: as a function, it is in no JSON of the request.
   */
  readonly onOpen?: () => void;
  /**
   * Called when something of the answer has come that is in no chunk yet, such as a piece of a tool call: whoever waits for
   * content knows by it that the server goes on. As {@link onOpen}, it is no part of what is asked.
   */
  readonly onContent?: () => void;
  /**
   * Counts the request on behalf of a run: hand on what the context of a port holds. It stays with who asks. As
   * {@link onOpen}, it is no part of what is asked.
   */
  readonly meter?: Meter;
}

/** A piece of an answer. */
export type LLMChunk =
  | { readonly type: 'text' | 'reasoning'; readonly text: string }
  /** One whole native call, only when it is complete and the answer ended in good order. */
  | ({ readonly type: 'tool_call' } & ToolCall)
  /** At most one an answer. */
  | { readonly type: 'usage'; readonly usage: Usage }
  /** Why the answer ended: `stop`, `length`, `tool_calls`, or what else the server says. */
  | { readonly type: 'finish'; readonly reason: string }
  /** What came before in this answer is void; why, in words. */
  | { readonly type: 'restart'; readonly reason?: string };

/**
 * A model behind a stream. Cold: a subscription is one request, and unsubscribing aborts it down to the socket. It may
 * leave `finish` and `usage` out; an answer is then taken for whole when it completes, but for a text without tool calls
 * that is to be `DONE`, which needs the finish `stop`.
 *
 * ```ts
 * const echo: LLMBackend = { stream: ({ messages }) => of({ type: 'text', text: messages.at(-1)?.content ?? '' }) };
 * ```
 */
export interface LLMBackend {
  stream(request: LLMRequest): Observable<LLMChunk>;
}
