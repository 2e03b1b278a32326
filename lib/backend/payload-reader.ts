import type { Usage } from '../domain/usage.js';
import { ServerError } from '../errors/server-error.js';
import { isCutOff } from './is-cut-off.js';
import { mergeUsage } from './merge-usage.js';
import { quote, toReportedError, type ErrorContext } from './openai-error.js';
import type { ReasoningSplitter } from './split-reasoning.js';
import type { ToolCallAssembler } from './tool-call-assembler.js';
import { isWireRecord, textOf, type WireRecord } from './wire.js';

/** Reads the chunks of an answer, and keeps what can only be told at its end. */
export interface PayloadReader {
  /** Why the answer ended, once the server said so. */
  readonly reason: string | undefined;
  /** What the answer cost, as far as it was told. */
  readonly usage: Usage | undefined;
  /** How many chunks had something to say: text, reasoning or a tool call. */
  readonly count: number;
  /** Takes a chunk. Throws the error that it reports. */
  read(payload: unknown): void;
  /** Takes nothing but the usage of a chunk. */
  readUsage(payload: unknown): void;
}

/** Where the content of an answer goes. */
export interface ContentSinks {
  readonly channels: ReasoningSplitter;
  readonly calls: ToolCallAssembler;
}

const FAILED = /^error$|_error$/i;

/** Finish reasons that servers have other words for. */
const REASONS: readonly (readonly [words: RegExp, reason: string])[] = [
  [/^(?:stop|end|end_turn|eos|eos_token|stop_sequence|complete|completed|finished)$/i, 'stop'],
  [/^(?:length|max_tokens|max_output_tokens|model_length)$/i, 'length'],
  [/^(?:tool_calls?|tool_use|function_call)$/i, 'tool_calls'],
];

const toReason = (given: string): string => REASONS.find(([words]) => words.test(given))?.[1] ?? given;

/** Whether a part of a content list is reasoning. */
const isThought = (part: WireRecord): boolean => part['type'] === 'thinking' || part['type'] === 'reasoning';

/** The text in a content part, which may hold a list of parts itself. */
function partText(part: WireRecord): string {
  const inner = part['text'] ?? part['thinking'] ?? part['reasoning'];
  return Array.isArray(inner) ? inner.filter(isWireRecord).map(partText).join('') : (textOf(inner) ?? '');
}

/** Some servers send along an error with nothing in it. */
const saysSomething = (value: unknown): boolean =>
  isWireRecord(value) ? Object.values(value).some(saysSomething) : Boolean(value) && value !== '0';

/**
 * The error that a payload is or holds.
 *
 * @internal
 */
export function errorIn(payload: WireRecord): unknown {
  const { error } = payload;
  if (textOf(error) !== undefined || (isWireRecord(error) && saysSomething(error))) return error;
  if (payload['object'] === 'error' || payload['type'] === 'error') return payload;
  const isBare = payload['choices'] === undefined && payload['usage'] === undefined;
  return isBare && (textOf(payload['message']) ?? textOf(payload['detail'])) !== undefined ? payload : undefined;
}

const indexOf = (choice: WireRecord): number => Number(choice['index'] ?? 0);

/**
 * The choice that counts: the one with index 0, else the first one.
 *
 * @internal
 */
export function firstChoice(choices: unknown): WireRecord | undefined {
  const all: readonly WireRecord[] = Array.isArray(choices) ? choices.filter(isWireRecord) : [];
  return all.find((choice) => indexOf(choice) === 0) ?? all[0];
}

/** Reads content, a text or a list of parts; whether there was any. */
function readContent(content: unknown, channels: ReasoningSplitter): boolean {
  if (typeof content === 'string') {
    if (content === '') return false;
    channels.pushText(content);
    return true;
  }
  if (!Array.isArray(content)) return false;
  for (const part of content) {
    if (typeof part === 'string') channels.pushText(part);
    else if (isWireRecord(part)) channels[isThought(part) ? 'pushReasoning' : 'pushText'](partText(part));
  }
  return content.length > 0;
}

/** The pieces of tool calls, of which some servers send one without a list; `function_call` is what came before them. */
function callPieces({ tool_calls: pieces, function_call: made }: WireRecord): readonly unknown[] {
  if (Array.isArray(pieces)) return pieces;
  if (isWireRecord(pieces)) return [pieces];
  return isWireRecord(made) ? [{ function: made }] : [];
}

/** Reads a `delta` or a `message`; whether it had anything to say. */
function readPart(part: WireRecord, { channels, calls }: ContentSinks): boolean {
  const thought = textOf(part['reasoning_content']) ?? textOf(part['reasoning']);
  if (thought !== undefined) channels.pushReasoning(thought);
  // A refusal is what a model says instead of an answer.
  const hasText = readContent(part['content'], channels) || readContent(part['refusal'], channels);
  const pieces = callPieces(part);
  for (const piece of pieces) calls.push(piece);
  return hasText || thought !== undefined || pieces.length > 0;
}

/** The usage in a chunk, wherever it stands. */
const usageIn = (payload: WireRecord): unknown => {
  const { usage, x_groq: extension } = payload;
  return usage ?? (isWireRecord(extension) ? extension['usage'] : undefined) ?? firstChoice(payload['choices'])?.['usage'];
};

class TolerantReader implements PayloadReader {
  readonly #sinks: ContentSinks;
  readonly #context: ErrorContext;
  #hasDelta = false;
  /** The index of the choice that is read, once it said something: several come in turns. */
  #chosen: number | undefined;
  #reason: string | undefined;
  #usage: Usage | undefined;
  #count = 0;

  constructor(sinks: ContentSinks, context: ErrorContext) {
    this.#sinks = sinks;
    this.#context = context;
  }

  get reason(): string | undefined {
    return this.#reason;
  }

  get usage(): Usage | undefined {
    return this.#usage;
  }

  get count(): number {
    return this.#count;
  }

  read(decoded: unknown): void {
    const payload: unknown = Array.isArray(decoded) ? decoded[0] : decoded;
    if (typeof payload === 'string') throw toReportedError(payload, this.#context);
    if (!isWireRecord(payload)) return;
    const error = errorIn(payload);
    if (error !== undefined) throw toReportedError(error, this.#context);
    this.#usage = mergeUsage(this.#usage, usageIn(payload));
    const choice = firstChoice(payload['choices']);
    if (choice === undefined) return;
    const before = this.#count;
    if (this.#chosen === undefined || Object.is(indexOf(choice), this.#chosen)) this.#readChoice(choice);
    if (this.#count > before) this.#chosen ??= indexOf(choice);
  }

  readUsage(payload: unknown): void {
    if (isWireRecord(payload)) this.#usage = mergeUsage(this.#usage, usageIn(payload));
  }

  #readChoice({ delta, message, text, finish_reason: given }: WireRecord): void {
    const sinks = this.#sinks;
    if (isWireRecord(delta) && readPart(delta, sinks)) {
      this.#hasDelta = true;
      this.#count += 1;
    } else if (!this.#hasDelta && ((isWireRecord(message) && readPart(message, sinks)) || readContent(text, sinks.channels))) {
      // Once there were deltas, a message only repeats them.
      this.#count += 1;
    }
    const finish = textOf(given);
    if (finish === undefined) return;
    if (FAILED.test(finish)) {
      const { secrets } = this.#context;
      throw new ServerError(`The server broke off its answer (${quote(finish, secrets)}). Ask again later.`, { secrets });
    }
    // That it was cut off stands, whatever a gateway adds.
    if (!isCutOff(this.#reason)) this.#reason = toReason(finish);
  }
}

/**
 * Reads the chunks of an answer, tolerant of all that servers do differently.
 *
 * @internal
 */
export const createPayloadReader = (sinks: ContentSinks, context: ErrorContext): PayloadReader => new TolerantReader(sinks, context);
