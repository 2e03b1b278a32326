import { createParser, type EventSourceParser, type ParseError } from 'eventsource-parser';
import type { OperatorFunction, SchedulerLike, Subscriber, Subscription } from 'rxjs';
import { AnswerLimitError } from '../errors/answer-limit-error.js';
import { MalformedError } from '../errors/malformed-error.js';
import { link } from '../internal/link.js';
import type { LLMChunk } from './backend.js';
import { createAnswer, type Answer } from './chat-completion-answer.js';
import { isTooDeep } from './is-too-deep.js';
import { quote } from './openai-error.js';
import { sniffBody } from './sniff-body.js';
import type { ReadingClocks } from './timed-stream.js';

/** Configuration of {@link toChunks}. */
export interface ToChunksConfig {
  /** What the server calls its body; only told in errors. */
  readonly contentType: string;
  /** How long an answer that said that it ended waits for its usage and for the end of the body, in milliseconds. */
  readonly settleWithin: number;
  readonly scheduler: SchedulerLike;
  readonly secrets: readonly string[];
  /** The most that is kept of an event whose end has not come, in UTF-16 code units. */
  readonly eventBytes: number;
  /** Called when something has come that is in no chunk yet. */
  readonly onContent?: (() => void) | undefined;
  readonly clocks?: ReadingClocks | undefined;
}

/**
 * How long the end of the body is waited for once nothing more is wanted, in milliseconds. It is mostly there already,
 * and a body that was read to its end leaves the connection to the next request.
 */
const DRAIN_WITHIN = 20;

/** Takes the text of a body, piece by piece. */
interface BodyReader {
  feed(piece: string): void;
  /** There is no more; what there is may not be all. */
  flush(isWhole: boolean): void;
}

const notAnAnswer = (head: string, { contentType, secrets }: ToChunksConfig): MalformedError =>
  new MalformedError(
    `The server sent no chat completion but ${quote(contentType, secrets)}: ${quote(head, secrets)}. Check that baseURL ends where /chat/completions begins, mostly in /v1.`,
    { secrets },
  );

const tooLarge = (limit: number): AnswerLimitError =>
  new AnswerLimitError(
    `An event of the answer is larger than ${limit} bytes, unpacked, and was cut off. Look at what stands at baseURL, or raise limits.eventBytes.`,
    { limit, partial: '' },
  );

class EventReader implements BodyReader {
  readonly #parser: EventSourceParser;
  #isOver = false;

  constructor(answer: Answer, { eventBytes }: ToChunksConfig) {
    const cutOff = (): void => {
      this.#isOver = true;
      answer.fail(tooLarge(eventBytes), true);
    };
    this.#parser = createParser({
      // Looked at only between pieces of the body: an event whose end is in the same piece passes.
      maxBufferSize: eventBytes,
      onEvent: ({ data, event }) => {
        if (data.length > eventBytes) cutOff();
        else answer.event(data, event);
      },
      onError: ({ type }: ParseError) => {
        // Other lines that make no sense are passed over.
        if (type === 'max-buffer-size-exceeded') cutOff();
      },
    });
  }

  feed(piece: string): void {
    if (!this.#isOver) this.#parser.feed(piece);
  }

  // Ends the last line and the last event, where the server did not.
  flush(): void {
    this.feed('\n\n');
  }
}

class JsonReader implements BodyReader {
  readonly #answer: Answer;
  readonly #config: ToChunksConfig;
  #text = '';

  constructor(answer: Answer, config: ToChunksConfig) {
    this.#answer = answer;
    this.#config = config;
  }

  feed(piece: string): void {
    this.#text += piece;
  }

  flush(isWhole: boolean): void {
    if (isTooDeep(this.#text)) throw notAnAnswer(this.#text, this.#config);
    let payload: unknown;
    try {
      payload = JSON.parse(this.#text);
    } catch {
      if (isWhole && this.#text.trimEnd().endsWith('}')) throw notAnAnswer(this.#text, this.#config);
      // Half of it, which the end of the answer tells.
      return;
    }
    this.#answer.whole(payload);
  }
}

/** Reads a body of whatever format, and says when nothing more of it is worth waiting for. */
class ChunkReader {
  readonly #subscriber: Subscriber<LLMChunk>;
  readonly #config: ToChunksConfig;
  readonly #answer: Answer;
  /** The body as far as it does not tell what it is. */
  #head = '';
  #body: BodyReader | undefined;
  #endings = 0;
  #wait: Subscription | undefined;

  constructor(subscriber: Subscriber<LLMChunk>, config: ToChunksConfig) {
    const { scheduler, secrets, onContent, clocks } = config;
    this.#subscriber = subscriber;
    this.#config = config;
    const emit = (chunk: LLMChunk): void => {
      // A piece of the body may hold many, and the subscriber may leave at any of them.
      if (!subscriber.closed) subscriber.next(chunk);
    };
    this.#answer = createAnswer(emit, { secrets, now: () => scheduler.now() }, onContent);
    clocks?.begin(() => this.#answer.said);
  }

  next(piece: string): void {
    if (this.#body === undefined) this.#sniff(piece);
    else this.#body.feed(piece);
    const { settleWithin, clocks } = this.#config;
    clocks?.advance();
    const { endings, hasEnded } = this.#answer;
    if (endings === this.#endings) return;
    this.#endings = endings;
    clocks?.end();
    this.#endAfter(hasEnded ? Math.min(DRAIN_WITHIN, settleWithin) : settleWithin);
  }

  error(error: unknown): void {
    if (!(error instanceof AnswerLimitError)) this.#body?.flush(false);
    this.#answer.fail(error, this.#body instanceof JsonReader);
    this.#subscriber.complete();
  }

  complete(): void {
    this.#body?.flush(true);
    this.#answer.end();
    this.#subscriber.complete();
  }

  /** Ends with what there is when the time that was last asked for is over. */
  #endAfter(wait: number): void {
    this.#wait?.unsubscribe();
    this.#wait = this.#config.scheduler.schedule(() => {
      try {
        this.complete();
      } catch (error) {
        this.#subscriber.error(error);
      }
    }, wait);
    this.#subscriber.add(this.#wait);
  }

  #sniff(piece: string): void {
    // Some servers keep the connection alive with blank lines: they are not kept.
    const head = (this.#head + piece).trimStart();
    const format = sniffBody(head);
    this.#head = format === undefined ? head : '';
    if (format === undefined) return;
    if (format === 'other') throw notAnAnswer(head, this.#config);
    this.#body = format === 'json' ? new JsonReader(this.#answer, this.#config) : new EventReader(this.#answer, this.#config);
    this.#body.feed(head);
  }
}

/**
 * The chunks of an answer from the text of its body: an event stream, or JSON where a server does not stream.
 *
 * An answer that said that it ended, by a finish reason or `[DONE]`, ends with the body, and at the latest `settleWithin`
 * after the last that was heard of it. Its calls, usage and finish come when all is known.
 *
 * ```text
 * body of text, finish reason    -a-f---------------
 * toChunks({ settleWithin: 10 }) -a- 10ms (f|)
 * ```
 *
 * Errors by tag: `TruncatedError`, `NetworkError` (before anything came), `MalformedError`, `AnswerLimitError`,
 * `ToolCallError`, and those that the server reports inside the stream.
 *
 * @internal
 */
export const toChunks = (config: ToChunksConfig): OperatorFunction<string, LLMChunk> =>
  link((subscriber) => new ChunkReader(subscriber, config));
