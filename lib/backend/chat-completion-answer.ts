import { AnswerLimitError } from '../errors/answer-limit-error.js';
import { MalformedError } from '../errors/malformed-error.js';
import { NetworkError } from '../errors/network-error.js';
import { redact } from '../errors/redact.js';
import { ToolCallError } from '../errors/tool-call-error.js';
import { TruncatedError } from '../errors/truncated-error.js';
import type { LLMChunk } from './backend.js';
import { createChunkPattern, type ChunkPattern } from './chunk-pattern.js';
import { isCutOff } from './is-cut-off.js';
import { isTooDeep } from './is-too-deep.js';
import { excerpt, quote, toReportedError, type ErrorContext } from './openai-error.js';
import { createPayloadReader, errorIn, firstChoice, type PayloadReader } from './payload-reader.js';
import { splitReasoning, type ReasoningSplitter } from './split-reasoning.js';
import { assembleToolCalls, type ToolCallAssembler } from './tool-call-assembler.js';
import { isWireRecord } from './wire.js';

/** An answer as it is put together from the events of its stream. */
export interface Answer {
  /** The text so far. */
  readonly said: string;
  /**
   * Counts what says that the end is near: a finish reason, `[DONE]`, half an event (which only the end of the body
   * explains), and what still comes after them. 0 while the answer is under way.
   */
  readonly endings: number;
  /** Whether it has ended and nothing more is wanted. */
  readonly hasEnded: boolean;
  /** Takes the data of one event. Throws a typed error. */
  event(data: string, name?: string): void;
  /** Takes a whole answer that came as JSON. Throws a typed error. */
  whole(payload: unknown): void;
  /** The body has ended: gives out what is left, or throws `TruncatedError`. */
  end(): void;
  /** The body broke: as {@link Answer.end}, or throws what is to be said about it, which depends on whether an answer had begun. */
  fail(error: unknown, hasBegun: boolean): void;
}

const DONE = '[DONE]';

/** A payload that is no JSON is kept apart from every value of JSON. */
const NO_JSON: unique symbol = Symbol('no JSON');

/** What some servers send to keep the connection alive, as if it were an answer. */
const KEEP_ALIVE = /^\W*(?:ping|pong|keep.?alive|heartbeat)\W*$/i;

/** Half an event begins like a whole one. Other words that are no JSON are a remark of somebody on the way. */
const BEGINS_JSON = /^\s*[{["]/;

/** The most that is kept of the text of an answer that is too long, in UTF-16 code units. */
const LONGEST_PARTIAL = 1000;

const parse = (text: string): unknown => {
  try {
    return isTooDeep(text) ? NO_JSON : (JSON.parse(text) as unknown);
  } catch {
    return NO_JSON;
  }
};

class AssembledAnswer implements Answer {
  readonly #emit: (chunk: LLMChunk) => void;
  readonly #context: ErrorContext;
  readonly #channels: ReasoningSplitter;
  readonly #calls: ToolCallAssembler;
  readonly #reader: PayloadReader;
  readonly #pattern: ChunkPattern;
  #endings = 0;
  #isDone = false;
  #hasEnded = false;
  #broken: string | undefined;

  constructor(emit: (chunk: LLMChunk) => void, context: ErrorContext, onContent: (() => void) | undefined) {
    this.#emit = emit;
    this.#context = context;
    this.#channels = splitReasoning(emit);
    this.#calls = assembleToolCalls(context.secrets, onContent);
    this.#reader = createPayloadReader({ channels: this.#channels, calls: this.#calls }, context);
    this.#pattern = createChunkPattern(this.#channels, context);
  }

  get said(): string {
    return this.#channels.said;
  }

  get endings(): number {
    return this.#endings;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  event(data: string, name?: string): void {
    if (this.#endings === 0 && this.#broken === undefined && name !== 'error' && this.#pattern.push(data)) return;
    if (data.trim() === '') return;
    if (this.#isDone) {
      // What comes now is nobody's, but for the usage.
      this.#reader.readUsage(parse(data));
      if (this.#reader.usage !== undefined) this.#close();
      return;
    }
    this.#refuseHalf();
    const payload = data.startsWith('{') ? parse(data) : parse(data.trim());
    if (name === 'error') {
      const body = payload === NO_JSON ? data : payload;
      throw toReportedError((isWireRecord(body) ? errorIn(body) : undefined) ?? body, this.#context);
    }
    if (payload !== NO_JSON) {
      this.#broken = undefined;
      this.#readPayload(payload, data);
    } else if (data.trim() === DONE) {
      this.#readDone();
    } else {
      this.#readWords(data);
    }
  }

  whole(payload: unknown): void {
    this.#reader.read(payload);
    const completion: unknown = Array.isArray(payload) ? payload[0] : payload;
    if (!isWireRecord(completion) || firstChoice(completion['choices']) === undefined) {
      const { secrets } = this.#context;
      const message = `The answer is JSON, but no chat completion: ${quote(JSON.stringify(payload), secrets)} Check that baseURL ends where /chat/completions begins, mostly in /v1.`;
      throw new MalformedError(message, { secrets });
    }
    this.#close();
  }

  end(): void {
    if (!this.#isDone && this.#reader.reason === undefined) throw this.#truncated('neither a finish reason nor [DONE] came');
    this.#close();
  }

  fail(error: unknown, hasBegun: boolean): void {
    // Some servers say `stop` and go on: what went on so long was cut off, whatever was said before.
    if (error instanceof AnswerLimitError && !this.#isDone && !this.#hasEnded) throw this.#tooLong(error);
    if (this.#isDone || this.#reader.reason !== undefined || this.#hasEnded) {
      this.#close();
    } else if (hasBegun || this.#reader.count > 0) {
      throw this.#truncated('the connection broke', error);
    } else {
      const { secrets } = this.#context;
      throw new NetworkError('The connection broke before the answer began. Check the server, or ask again.', { cause: error, secrets });
    }
  }

  /** Something comes after half an event, which is not the end of the body then. */
  #refuseHalf(): void {
    if (this.#broken === undefined || !BEGINS_JSON.test(this.#broken)) return;
    const { secrets } = this.#context;
    throw new MalformedError(`An event of the stream is no JSON: ${quote(this.#broken, secrets)} Look at what stands at baseURL.`, {
      secrets,
    });
  }

  #readPayload(payload: unknown, data: string): void {
    const reader = this.#reader;
    const { count } = reader;
    reader.read(payload);
    if (reader.count > count) this.#pattern.learn(data);
    // Some servers say `stop` and go on.
    if (reader.reason !== undefined && (this.#endings === 0 || reader.count > count)) this.#endings += 1;
  }

  #readDone(): void {
    if (this.#broken !== undefined) throw this.#truncated('what came before [DONE] is no JSON');
    this.#isDone = true;
    this.#endings += 1;
    if (this.#reader.usage !== undefined) this.#close();
  }

  /** Words that are no JSON. */
  #readWords(words: string): void {
    if (this.#reader.reason !== undefined || KEEP_ALIVE.test(words)) return;
    if (isTooDeep(words)) throw this.#tooDeep(words);
    this.#broken = words;
    if (BEGINS_JSON.test(words)) this.#endings += 1;
  }

  #close(): void {
    if (this.#hasEnded) return;
    const calls = this.#calls;
    const { usage, reason = calls.size > 0 ? 'tool_calls' : 'stop' } = this.#reader;
    if (calls.size > 0 && isCutOff(reason)) throw this.#cutOff(reason);
    this.#hasEnded = true;
    this.#endings += 1;
    this.#channels.end();
    for (const call of calls.finish()) this.#emit({ type: 'tool_call', ...call });
    if (usage !== undefined) this.#emit({ type: 'usage', usage });
    this.#emit({ type: 'finish', reason });
  }

  #truncated(what: string, cause?: unknown): TruncatedError {
    const { secrets } = this.#context;
    this.#channels.end();
    const partial = redact(this.#channels.said, secrets);
    const rest = this.#broken === undefined ? '' : ` Its last event was: ${quote(this.#broken, secrets)}`;
    return new TruncatedError(
      `The answer ended before it was complete: ${what}. ${partial.length} characters of text had come. Ask again, or look for a proxy that cuts long answers.${rest}`,
      { partial, cause, secrets },
    );
  }

  #tooDeep(words: string): MalformedError {
    const { secrets } = this.#context;
    return new MalformedError(`An event of the stream is nested too deep: ${quote(words, secrets)} Look at what stands at baseURL.`, {
      secrets,
    });
  }

  #tooLong({ message, limit }: AnswerLimitError): AnswerLimitError {
    const { secrets } = this.#context;
    this.#channels.end();
    return new AnswerLimitError(message, { limit, partial: excerpt(this.#channels.said, secrets, LONGEST_PARTIAL), secrets });
  }

  #cutOff(reason: string): Error {
    const { secrets } = this.#context;
    if (reason !== 'length') return this.#truncated(`it was cut off within a tool call (${quote(reason, secrets)})`);
    this.#channels.end();
    return new ToolCallError(
      'The tool call was cut off because the answer was too long. Ask for shorter arguments or fewer calls at a time, or raise maxTokens.',
      { received: redact(this.#calls.received, secrets), secrets },
    );
  }
}

/**
 * An answer, from the events of its stream to chunks.
 *
 * @param onContent - Called for each piece of a tool call: it is in no chunk before the end.
 * @internal
 */
export const createAnswer = (emit: (chunk: LLMChunk) => void, context: ErrorContext, onContent?: () => void): Answer =>
  new AssembledAnswer(emit, context, onContent);
