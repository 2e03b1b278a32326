import { MalformedError } from '../errors/malformed-error.js';
import { NetworkError } from '../errors/network-error.js';
import { redact } from '../errors/redact.js';
import { ToolCallError } from '../errors/tool-call-error.js';
import { TruncatedError } from '../errors/truncated-error.js';
import type { LLMChunk } from './backend.js';
import { quote, toReportedError, type ErrorContext } from './openai-error.js';
import { createPayloadReader, errorIn, firstChoice, isCutOff } from './payload-reader.js';
import { splitReasoning } from './split-reasoning.js';
import { assembleToolCalls } from './tool-call-assembler.js';
import { isWireRecord } from './wire.js';

/** An answer as it is put together from the events of its stream. */
export interface Answer {
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

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return NO_JSON;
  }
};

/**
 * An answer, from the events of its stream to chunks.
 *
 * @internal
 */
export function createAnswer(emit: (chunk: LLMChunk) => void, context: ErrorContext): Answer {
  const { secrets } = context;
  const channels = splitReasoning(emit);
  const calls = assembleToolCalls(secrets);
  const reader = createPayloadReader({ channels, calls }, context);
  let endings = 0;
  let isDone = false;
  let hasEnded = false;
  let broken: string | undefined;

  const truncated = (what: string, cause?: unknown): TruncatedError => {
    channels.end();
    const partial = redact(channels.said, secrets);
    const rest = broken === undefined ? '' : ` Its last event was: ${quote(broken, secrets)}`;
    return new TruncatedError(
      `The answer ended before it was complete: ${what}. ${partial.length} characters of text had come. Ask again, or look for a proxy that cuts long answers.${rest}`,
      { partial, cause, secrets },
    );
  };

  const cutOff = (reason: string): Error => {
    if (reason !== 'length') return truncated(`it was cut off within a tool call (${quote(reason, secrets)})`);
    channels.end();
    return new ToolCallError(
      'The tool call was cut off because the answer was too long. Ask for shorter arguments or fewer calls at a time, or raise maxTokens.',
      { received: redact(calls.received, secrets), secrets },
    );
  };

  const close = (): void => {
    if (hasEnded) return;
    const { usage, reason = calls.size > 0 ? 'tool_calls' : 'stop' } = reader;
    if (calls.size > 0 && isCutOff(reason)) throw cutOff(reason);
    hasEnded = true;
    endings += 1;
    channels.end();
    for (const call of calls.finish()) emit({ type: 'tool_call', ...call });
    if (usage !== undefined) emit({ type: 'usage', usage });
    emit({ type: 'finish', reason });
  };

  const readDone = (): void => {
    if (broken !== undefined) throw truncated('what came before [DONE] is no JSON');
    isDone = true;
    endings += 1;
    if (reader.usage !== undefined) close();
  };

  /** Words that are no JSON. */
  const readWords = (words: string): void => {
    if (reader.reason !== undefined || KEEP_ALIVE.test(words)) return;
    broken = words;
    if (BEGINS_JSON.test(words)) endings += 1;
  };

  const readPayload = (payload: unknown): void => {
    const { count } = reader;
    reader.read(payload);
    // Some servers say `stop` and go on.
    if (reader.reason !== undefined && (endings === 0 || reader.count > count)) endings += 1;
  };

  return {
    get endings() {
      return endings;
    },
    get hasEnded() {
      return hasEnded;
    },
    event: (data, name) => {
      if (data.trim() === '') return;
      if (isDone) {
        // What comes now is nobody's, but for the usage.
        reader.readUsage(parse(data));
        if (reader.usage !== undefined) close();
        return;
      }
      if (broken !== undefined && BEGINS_JSON.test(broken)) {
        throw new MalformedError(`An event of the stream is no JSON: ${quote(broken, secrets)} Look at what stands at baseURL.`, {
          secrets,
        });
      }
      const payload = data.startsWith('{') ? parse(data) : parse(data.trim());
      if (name === 'error') {
        const body = payload === NO_JSON ? data : payload;
        throw toReportedError((isWireRecord(body) ? errorIn(body) : undefined) ?? body, context);
      }
      if (payload !== NO_JSON) {
        broken = undefined;
        readPayload(payload);
      } else if (data.trim() === DONE) {
        readDone();
      } else {
        readWords(data);
      }
    },
    whole: (payload) => {
      reader.read(payload);
      const completion: unknown = Array.isArray(payload) ? payload[0] : payload;
      if (!isWireRecord(completion) || firstChoice(completion['choices']) === undefined) {
        const message = `The answer is JSON, but no chat completion: ${quote(JSON.stringify(payload), secrets)} Check that baseURL ends where /chat/completions begins, mostly in /v1.`;
        throw new MalformedError(message, { secrets });
      }
      close();
    },
    end: () => {
      if (!isDone && reader.reason === undefined) throw truncated('neither a finish reason nor [DONE] came');
      close();
    },
    fail: (error, hasBegun) => {
      if (isDone || reader.reason !== undefined || hasEnded) {
        close();
      } else if (hasBegun || reader.count > 0) {
        throw truncated('the connection broke', error);
      } else {
        throw new NetworkError('The connection broke before the answer began. Check the server, or ask again.', { cause: error, secrets });
      }
    },
  };
}
