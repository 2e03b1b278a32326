import type { ToolCall } from '../domain/chat-message.js';
import { JsonRecord } from '../domain/json.js';
import { ToolCallError } from '../errors/tool-call-error.js';
import { redact } from '../errors/redact.js';
import { parseForeignJson } from '../internal/json-proto.js';
import { createNestedSkipper, type NestedSkipper } from '../internal/json-skip.js';
import { isTooDeep } from './is-too-deep.js';
import { isWireRecord, textOf } from './wire.js';

/** Puts native tool calls together from their pieces. */
export interface ToolCallAssembler {
  /** How many calls have begun. */
  readonly size: number;
  /** The arguments of the newest call, as far as they have come. */
  readonly received: string;
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
  /** Whether the brackets of the arguments are balanced. Kept as they come: looking at the whole text anew would be quadratic. */
  isComplete: boolean;
  /** Whether a name repeated after a whole call of the same name began it. If no arguments follow, it was only that. */
  readonly isEcho: boolean;
  readonly brackets: NestedSkipper;
}

/** More brackets than any arguments open at a time. */
const DEEPEST = 10_000;

const parse = (text: string): unknown => {
  try {
    return isTooDeep(text) ? undefined : parseForeignJson(text);
  } catch {
    return undefined;
  }
};

/** The calls with one id, which some servers give to several. */
interface SameId {
  readonly first: Slot;
  /** The one that has no index. */
  loose: Slot | undefined;
  readonly byIndex: Map<unknown, Slot>;
}

/** Adds a piece to the arguments of a call. */
const append = (slot: Slot, text: string): void => {
  slot.text += text;
  const end = slot.brackets.skip(text, 0);
  slot.isComplete = slot.brackets.ended() === 'closed' ? text.slice(end).trim() === '' : slot.isComplete && text.trim() === '';
};

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
  const received = (): string => redact(slot.text, secrets);
  if (slot.name === '') {
    throw new ToolCallError('The model made a tool call without a name. Ask again, or use a model that can call tools.', {
      received: received(),
    });
  }
  const params = paramsOf(slot.text);
  if (JsonRecord.is(params)) return { id, name: slot.name, params };
  throw new ToolCallError(
    `The arguments of the tool call ${slot.name} are no JSON object. Ask again, or describe the tool's parameters more closely.`,
    { received: received(), secrets },
  );
};

/** Gives ids to calls that have none, or one that is taken already. */
class IdGiver {
  readonly #taken = new Set<string>();
  /** Numbers below are taken: to look for them anew would be quadratic. */
  #count = 0;

  give(id: string, position: number): string {
    const given = id !== '' && !this.#taken.has(id) ? id : this.#free(position);
    this.#taken.add(given);
    return given;
  }

  #free(position: number): string {
    this.#count = Math.max(this.#count, position);
    while (this.#taken.has(`call_${this.#count}`)) this.#count += 1;
    return `call_${this.#count}`;
  }
}

/** The calls under way: made with the first of them, since most answers have none. */
class SlotTable {
  readonly slots: Slot[] = [];
  readonly #newestAt = new Map<unknown, Slot>();
  readonly #byId = new Map<string, SameId>();

  slotFor(index: unknown, id: string, name: string, text: string): Slot {
    const own = this.#withId(id, index);
    if (own !== undefined) return own;
    const newest = typeof index === 'number' ? this.#newestAt.get(index) : this.slots.at(-1);
    if (newest === undefined) return this.#begin(index);
    if (name === '') return newest;
    const isOther = (id !== '' && newest.id !== '') || (newest.name !== '' && newest.name !== name);
    const isNext = newest.isComplete && text !== newest.text;
    return isOther || isNext ? this.#begin(index, id === '' && !isOther && text === '') : newest;
  }

  giveId(slot: Slot, id: string): void {
    if (id === '' || slot.id !== '') return;
    slot.id = id;
    const known = this.#byId.get(id) ?? { first: slot, loose: undefined, byIndex: new Map<unknown, Slot>() };
    this.#byId.set(id, known);
    if (typeof slot.index !== 'number') known.loose ??= slot;
    else if (!known.byIndex.has(slot.index)) known.byIndex.set(slot.index, slot);
  }

  #withId(id: string, index: unknown): Slot | undefined {
    const known = this.#byId.get(id);
    return typeof index === 'number' ? (known?.byIndex.get(index) ?? known?.loose) : known?.first;
  }

  #begin(index: unknown, isEcho = false): Slot {
    const slot: Slot = { id: '', name: '', index, text: '', isComplete: false, isEcho, brackets: createNestedSkipper(DEEPEST) };
    this.slots.push(slot);
    this.#newestAt.set(index, slot);
    return slot;
  }
}

class PieceAssembler implements ToolCallAssembler {
  readonly #secrets: readonly string[];
  readonly #onPiece: (() => void) | undefined;
  #table: SlotTable | undefined;

  constructor(secrets: readonly string[], onPiece: (() => void) | undefined) {
    this.#secrets = secrets;
    this.#onPiece = onPiece;
  }

  get size(): number {
    return this.#table?.slots.length ?? 0;
  }

  get received(): string {
    return this.#table?.slots.at(-1)?.text ?? '';
  }

  push(piece: unknown): void {
    if (!isWireRecord(piece)) return;
    const made = isWireRecord(piece['function']) ? piece['function'] : piece;
    const id = textOf(piece['id']) ?? '';
    const name = textOf(made['name']) ?? '';
    const given = made['arguments'];
    const isObject = isWireRecord(given);
    const text = isObject ? JSON.stringify(given) : (textOf(given) ?? '');
    if (id === '' && name === '' && text === '') return;
    this.#onPiece?.();

    this.#table ??= new SlotTable();
    const slot = this.#table.slotFor(piece['index'], id, name, text);
    this.#table.giveId(slot, id);
    if (slot.name === '') slot.name = name;
    if (isObject) Object.assign(slot, { text, isComplete: true });
    else append(slot, text);
  }

  finish(): readonly ToolCall[] {
    const ids = new IdGiver();
    const whole = (this.#table?.slots ?? []).filter(({ isEcho, text }) => !isEcho || text !== '');
    return whole.map((slot, position) => soundCall(slot, ids.give(slot.id, position + 1), this.#secrets));
  }
}

/**
 * Native tool calls from their pieces, whatever of index, id and name the server leaves out or repeats.
 *
 * A piece belongs to the call with its id, else to the newest one with its index, else to the newest one. It begins a
 * call of its own when it has a name and cannot go on with that one: another id, another name, or whatever arguments
 * where those are complete.
 *
 * @param onPiece - Called for each piece that says something.
 * @internal
 */
export const assembleToolCalls = (secrets: readonly string[] = [], onPiece?: () => void): ToolCallAssembler =>
  new PieceAssembler(secrets, onPiece);
