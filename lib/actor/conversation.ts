import { PARALLEL } from '../domain/action.js';
import type { ChatMessage, ToolCall } from '../domain/chat-message.js';
import type { ToolCallRecord, Turn } from '../domain/history.js';
import { isRecord } from '../domain/is-record.js';
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

/** The messages of a finished step, the first of its calls being the one with that number in the run. */
function tellTurn(turn: Turn, first: number, { toWire }: WireNames): readonly ChatMessage[] {
  const told = turn.calls.length === 0 ? toldAction(turn) : turn.calls.map(toToldCall);
  const toolCalls = told.map(({ name, params }, index): ToolCall => ({ id: wireId(first + index), name: toWire(name), params }));
  const results = told.map(({ result }, index): ChatMessage => ({
    role: 'tool',
    toolCallId: wireId(first + index),
    content: inertJson(result),
  }));
  return [{ role: 'assistant', content: turn.action.thought, toolCalls }, ...results];
}

/** Makes the messages of a decision from the values of the prompt and the finished steps. */
export type Conversation = (values: PromptValues, turns: readonly Turn[]) => readonly ChatMessage[];

/**
 * The messages of an actor that works with native tool calls: the rules, the purpose and where the run stands now, then
 * each finished step as the model's own calls with exactly one result a call, in the order of the calls.
 *
 * Where the run stands goes with the purpose and not after the history: there are servers that take nothing of the user
 * after the results of tools, and no two messages of the user in a row.
 */
export function createConversation(template: ConversationTemplate, names: WireNames): Conversation {
  // A step is told the same way at each decision after it: kept as long as its run, that saves 2 % of a step in a loop of a hundred.
  const known = new WeakMap<Turn, { readonly first: number; readonly told: readonly ChatMessage[] }>();

  return (values, turns) => {
    const now = renderText(template.now, values);
    const messages = renderPrompt(template, values).map((message): ChatMessage =>
      message.role === 'user' ? { ...message, content: `${message.content}\n\n${now}` } : message,
    );
    let count = 0;
    for (const turn of turns) {
      const before = known.get(turn);
      // Told anew where who wraps the actor shows it other steps before this one.
      const told = before?.first === count ? before.told : tellTurn(turn, count, names);
      if (told !== before?.told) known.set(turn, { first: count, told });
      count += told.length - 1;
      messages.push(...told);
    }
    return messages;
  };
}
