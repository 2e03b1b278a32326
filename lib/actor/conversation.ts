import type { ChatMessage, ToolCall } from '../domain/chat-message.js';
import type { ToolCallRecord, Turn } from '../domain/history.js';
import type { Json, JsonRecord } from '../domain/json.js';
import { inertJson, renderPrompt, renderText, type PromptValues } from '../domain/prompt.js';
import type { ConversationTemplate } from './actor-prompt.js';

/** What a call without a result is answered with: a server refuses a conversation in which a call has none. */
const INTERRUPTED: JsonRecord = { ok: false, error: 'interrupted: the call ended without a result' };

const isRecord = (value: Json): value is JsonRecord => typeof value === 'object' && value !== null && !Array.isArray(value);

const toToolCall = ({ callId, name, params }: ToolCallRecord): ToolCall => ({
  id: callId,
  name,
  params: isRecord(params) ? params : { value: params },
});

const toolMessage = (toolCallId: string, result: JsonRecord): ChatMessage => ({ role: 'tool', toolCallId, content: inertJson(result) });

/** An action whose environment reported no calls: one call of its own name, whose result is the state after it. */
const actionMessages = ({ action, result }: Turn, index: number): readonly ChatMessage[] => {
  const id = `${index + 1}.1`;
  const call: ToolCall = { id, name: action.name, params: action.params };
  return [{ role: 'assistant', content: action.thought, toolCalls: [call] }, toolMessage(id, { state: result })];
};

const turnMessages = (turn: Turn, index: number): readonly ChatMessage[] => {
  const { action, calls } = turn;
  if (calls.length === 0) return actionMessages(turn, index);
  return [
    { role: 'assistant', content: action.thought, toolCalls: calls.map(toToolCall) },
    ...calls.map(({ callId, result }) => toolMessage(callId, result ?? INTERRUPTED)),
  ];
};

/**
 * The messages of an actor that works with native tool calls: the rules and the purpose, each finished step as the
 * model's own calls with exactly one result a call, in the order of the calls, then where the run stands now.
 *
 * What comes before the last message only grows from step to step, so a server can keep it in its cache.
 */
export function toConversation(template: ConversationTemplate, values: PromptValues, turns: readonly Turn[]): readonly ChatMessage[] {
  const now = renderText(template.now, values);
  // Two user messages in a row are refused by servers that want the roles to take turns.
  if (turns.length === 0) return renderPrompt({ ...template, user: `${template.user}\n\n{{now}}` }, { ...values, now });
  return [...renderPrompt(template, values), ...turns.flatMap(turnMessages), { role: 'user', content: now }];
}
