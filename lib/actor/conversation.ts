import { PARALLEL } from '../domain/action.js';
import type { ChatMessage, ToolCall } from '../domain/chat-message.js';
import type { ToolCallRecord, Turn } from '../domain/history.js';
import type { Json, JsonRecord } from '../domain/json.js';
import { inertJson, renderPrompt, renderText, type PromptValues } from '../domain/prompt.js';
import type { ConversationTemplate } from './actor-prompt.js';
import type { WireNames } from './wire-names.js';

/** What a call without a result is answered with: a server refuses a conversation in which a call has none. */
const INTERRUPTED: JsonRecord = { ok: false, error: 'interrupted: the call ended without a result' };

/** A call and what it came to, as it is told. */
interface ToldCall {
  readonly name: string;
  readonly params: JsonRecord;
  readonly result: JsonRecord;
}

const isRecord = (value: Json | undefined): value is JsonRecord => typeof value === 'object' && value !== null && !Array.isArray(value);

const toParams = (value: Json | undefined): JsonRecord => (isRecord(value) ? value : { value: value ?? null });

const toToldCall = ({ name, params, result }: ToolCallRecord): ToldCall => ({
  name,
  params: toParams(params),
  result: result ?? INTERRUPTED,
});

const toldPart = (call: Json, result: JsonRecord): ToldCall =>
  isRecord(call) && typeof call['name'] === 'string'
    ? { name: call['name'], params: toParams(call['params'] ?? {}), result }
    : { name: PARALLEL, params: toParams(call), result };

/** An action whose environment reported no calls: the calls that it stands for, each with the state after it. */
const toldAction = ({ action: { name, params }, result: state }: Turn): readonly ToldCall[] => {
  const result = { state };
  const calls = params['calls'];
  if (name !== PARALLEL || !Array.isArray(calls) || calls.length === 0) return [{ name, params, result }];
  return calls.map((call: Json) => toldPart(call, result));
};

/** Nine letters and digits, which every server takes, whatever ids an environment gave. */
const wireId = (index: number): string => `c${index.toString(36).padStart(8, '0')}`;

/**
 * The messages of an actor that works with native tool calls: the rules, the purpose and where the run stands now, then
 * each finished step as the model's own calls with exactly one result a call, in the order of the calls.
 *
 * Where the run stands goes with the purpose and not after the history: there are servers that take nothing of the user
 * after the results of tools, and no two messages of the user in a row.
 */
export function toConversation(
  template: ConversationTemplate,
  values: PromptValues,
  turns: readonly Turn[],
  { toWire }: WireNames,
): readonly ChatMessage[] {
  const now = renderText(template.now, values);
  const messages: ChatMessage[] = [...renderPrompt({ ...template, user: `${template.user}\n\n{{now}}` }, { ...values, now })];
  let count = 0;
  for (const turn of turns) {
    const told = turn.calls.length === 0 ? toldAction(turn) : turn.calls.map(toToldCall);
    const first = count;
    count += told.length;
    const toolCalls = told.map(({ name, params }, index): ToolCall => ({ id: wireId(first + index), name: toWire(name), params }));
    messages.push({ role: 'assistant', content: turn.action.thought, toolCalls });
    messages.push(
      ...told.map(({ result }, index): ChatMessage => ({ role: 'tool', toolCallId: wireId(first + index), content: inertJson(result) })),
    );
  }
  return messages;
}
