import type { ToolCall } from '../domain/chat-message.js';
import { JsonRecord } from '../domain/json.js';
import { ToolCallError } from '../errors/tool-call-error.js';
import { redact } from '../errors/redact.js';
import { isWireRecord, textOf } from './wire.js';

/** Puts native tool calls together from their pieces. */
export interface ToolCallAssembler {
  /** How many calls have begun. */
  readonly size: number;
  /** Takes one entry of `tool_calls`. */
  push(piece: unknown): void;
  /** The whole calls, in the order in which they began. Throws `ToolCallError` where one is not sound. */
  finish(): readonly ToolCall[];
}

/** A call under way. */
interface Slot {
  id: string;
  name: string;
  readonly index: unknown;
  /** The arguments as JSON, as far as they have come. */
  text: string;
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** Whether arguments are complete, without parsing those that plainly are not. */
const isComplete = (text: string): boolean => text.trimEnd().endsWith('}') && parse(text) !== undefined;

/** The text once, where it was sent twice. */
const once = (text: string): string => {
  const trimmed = text.trim();
  const half = trimmed.slice(0, trimmed.length / 2).trim();
  return half !== '' && trimmed.slice(trimmed.length / 2).trim() === half ? half : trimmed;
};

/** The parameters in a text of arguments: nothing and `null` are no parameters, and some servers write JSON within JSON. */
function paramsOf(text: string): unknown {
  if (text.trim() === '') return {};
  const value = parse(text) ?? parse(once(text));
  const inner = typeof value === 'string' ? parse(value) : value;
  return inner === null || value === null ? {} : inner;
}

const soundCall = (slot: Slot, id: string, secrets: readonly string[]): ToolCall => {
  const received = redact(slot.text, secrets);
  if (slot.name === '') {
    throw new ToolCallError('The model made a tool call without a name. Ask again, or use a model that can call tools.', { received });
  }
  const params = paramsOf(slot.text);
  if (JsonRecord.is(params)) return { id, name: slot.name, params };
  throw new ToolCallError(
    `The arguments of the tool call ${slot.name} are no JSON object. Ask again, or describe the tool's parameters more closely.`,
    { received, secrets },
  );
};

/** An id for a call that has none, or one that is taken already. */
function freeId(id: string, position: number, taken: ReadonlySet<string>): string {
  if (id !== '' && !taken.has(id)) return id;
  let count = position;
  while (taken.has(`call_${count}`)) count += 1;
  return `call_${count}`;
}

/**
 * Native tool calls from their pieces, whatever of index, id and name the server leaves out or repeats.
 *
 * A piece belongs to the call with its id, else to the newest one with its index, else to the newest one. It begins a
 * call of its own when it has a name and cannot go on with that one: another id, another name, or arguments where those
 * are complete.
 *
 * @internal
 */
export function assembleToolCalls(secrets: readonly string[] = []): ToolCallAssembler {
  const slots: Slot[] = [];

  const begin = (index: unknown): Slot => {
    const slot: Slot = { id: '', name: '', index, text: '' };
    slots.push(slot);
    return slot;
  };

  const slotFor = (index: unknown, id: string, name: string, text: string): Slot => {
    const isHere = (slot: Slot): boolean => typeof index !== 'number' || typeof slot.index !== 'number' || slot.index === index;
    const own = id === '' ? undefined : slots.find((slot) => slot.id === id && isHere(slot));
    if (own !== undefined) return own;
    const newest = typeof index === 'number' ? slots.findLast((slot) => slot.index === index) : slots.at(-1);
    if (newest === undefined) return begin(index);
    if (name === '') return newest;
    const isOther = (id !== '' && newest.id !== '') || (newest.name !== '' && newest.name !== name);
    const isNext = text !== '' && text !== newest.text && isComplete(newest.text);
    return isOther || isNext ? begin(index) : newest;
  };

  return {
    get size() {
      return slots.length;
    },
    push: (piece) => {
      if (!isWireRecord(piece)) return;
      const made = isWireRecord(piece['function']) ? piece['function'] : piece;
      const id = textOf(piece['id']) ?? '';
      const name = textOf(made['name']) ?? '';
      const given = made['arguments'];
      const isObject = isWireRecord(given);
      const text = isObject ? JSON.stringify(given) : (textOf(given) ?? '');
      if (id === '' && name === '' && text === '') return;

      const slot = slotFor(piece['index'], id, name, text);
      if (slot.id === '') slot.id = id;
      if (slot.name === '') slot.name = name;
      slot.text = isObject ? text : slot.text + text;
    },
    finish: () => {
      const taken = new Set<string>();
      return slots.map((slot, position) => {
        const id = freeId(slot.id, position + 1, taken);
        taken.add(id);
        return soundCall(slot, id, secrets);
      });
    },
  };
}
