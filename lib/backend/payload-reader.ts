import type { Usage } from '../domain/usage.js';
import { ServerError } from '../errors/server-error.js';
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

/** Finish reasons of an answer that was cut off. They stand, whatever a gateway adds. */
const CUT_OFF = /^(?:length|model_length|max_tokens|content_filter)$/i;
const FAILED = /^error$|_error$/i;

/**
 * Whether a finish reason says that the answer was cut off.
 *
 * @internal
 */
export const isCutOff = (reason: string): boolean => CUT_OFF.test(reason);

/** Whether a part of a content list is reasoning. */
const isThought = (part: WireRecord): boolean => part['type'] === 'thinking' || part['type'] === 'reasoning';

/** The text in a content part, which may hold a list of parts itself. */
function partText(part: WireRecord): string {
  const inner = part['text'] ?? part['thinking'] ?? part['reasoning'];
  return Array.isArray(inner) ? inner.filter(isWireRecord).map(partText).join('') : (textOf(inner) ?? '');
}

/**
 * The error that a payload is or holds.
 *
 * @internal
 */
export function errorIn(payload: WireRecord): unknown {
  const { error } = payload;
  if (textOf(error) !== undefined || (isWireRecord(error) && Object.keys(error).length > 0)) return error;
  if (payload['object'] === 'error' || payload['type'] === 'error') return payload;
  const isBare = payload['choices'] === undefined && payload['usage'] === undefined;
  return isBare && (textOf(payload['message']) ?? textOf(payload['detail'])) !== undefined ? payload : undefined;
}

const isFirst = (choice: unknown): choice is WireRecord => isWireRecord(choice) && (choice['index'] ?? 0) === 0;

/**
 * The choice that counts: the one with index 0, where several are sent.
 *
 * @internal
 */
export const firstChoice = (choices: unknown): WireRecord | undefined => (Array.isArray(choices) ? choices.find(isFirst) : undefined);

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
    else if (isWireRecord(part)) (isThought(part) ? channels.pushReasoning : channels.pushText)(partText(part));
  }
  return content.length > 0;
}

/** Reads a `delta` or a `message`; whether it had anything to say. */
function readPart(
  { content, refusal, tool_calls: pieces, reasoning_content, reasoning }: WireRecord,
  { channels, calls }: ContentSinks,
): boolean {
  const thought = textOf(reasoning_content) ?? textOf(reasoning);
  if (thought !== undefined) channels.pushReasoning(thought);
  // A refusal is what a model says instead of an answer.
  const hasText = readContent(content, channels) || readContent(refusal, channels);
  if (!Array.isArray(pieces)) return hasText || thought !== undefined;
  for (const piece of pieces) calls.push(piece);
  return true;
}

/**
 * Reads the chunks of an answer, tolerant of all that servers do differently.
 *
 * @internal
 */
export function createPayloadReader(sinks: ContentSinks, context: ErrorContext): PayloadReader {
  let hasDelta = false;
  let reason: string | undefined;
  let usage: Usage | undefined;
  let count = 0;

  const readChoice = ({ delta, message, text, finish_reason: given }: WireRecord): void => {
    if (isWireRecord(delta)) {
      hasDelta = true;
      if (readPart(delta, sinks)) count += 1;
    } else if (!hasDelta && isWireRecord(message)) {
      // Once there were deltas, a message only repeats them.
      if (readPart(message, sinks)) count += 1;
    } else if (!hasDelta && readContent(text, sinks.channels)) {
      count += 1;
    }
    const finish = textOf(given);
    if (finish === undefined) return;
    if (FAILED.test(finish)) {
      const { secrets } = context;
      throw new ServerError(`The server broke off its answer (${quote(finish, secrets)}). Ask again later.`, { secrets });
    }
    if (reason === undefined || !isCutOff(reason)) reason = finish;
  };

  return {
    get reason() {
      return reason;
    },
    get usage() {
      return usage;
    },
    get count() {
      return count;
    },
    read: (decoded) => {
      const payload: unknown = Array.isArray(decoded) ? decoded[0] : decoded;
      if (typeof payload === 'string') throw toReportedError(payload, context);
      if (!isWireRecord(payload)) return;
      const error = errorIn(payload);
      if (error !== undefined) throw toReportedError(error, context);
      const choice = firstChoice(payload['choices']);
      usage = mergeUsage(usage, payload['usage'] ?? choice?.['usage']);
      if (choice !== undefined) readChoice(choice);
    },
    readUsage: (payload) => {
      if (isWireRecord(payload)) usage = mergeUsage(usage, payload['usage']);
    },
  };
}
