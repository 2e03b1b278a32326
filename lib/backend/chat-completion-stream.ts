import { createParser, type EventSourceParser } from 'eventsource-parser';
import type { OperatorFunction, SchedulerLike, Subscriber, Subscription } from 'rxjs';
import { MalformedError } from '../errors/malformed-error.js';
import { link } from '../internal/link.js';
import type { LLMChunk } from './backend.js';
import { createAnswer, type Answer } from './chat-completion-answer.js';
import { quote } from './openai-error.js';
import { sniffBody } from './sniff-body.js';

/** Configuration of {@link toChunks}. */
export interface ToChunksConfig {
  /** What the server calls its body; only told in errors. */
  readonly contentType: string;
  /** How long an answer that said that it ended waits for its usage and for the end of the body, in milliseconds. */
  readonly settleWithin: number;
  readonly scheduler: SchedulerLike;
  readonly secrets: readonly string[];
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

class EventReader implements BodyReader {
  readonly #parser: EventSourceParser;

  constructor(answer: Answer) {
    this.#parser = createParser({
      onEvent: ({ data, event }) => {
        answer.event(data, event);
      },
    });
  }

  feed(piece: string): void {
    this.#parser.feed(piece);
  }

  // Ends the last line and the last event, where the server did not.
  flush(): void {
    this.#parser.feed('\n\n');
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
    const { scheduler, secrets } = config;
    this.#subscriber = subscriber;
    this.#config = config;
    const emit = (chunk: LLMChunk): void => {
      // A piece of the body may hold many, and the subscriber may leave at any of them.
      if (!subscriber.closed) subscriber.next(chunk);
    };
    this.#answer = createAnswer(emit, { secrets, now: () => scheduler.now() });
  }

  next(piece: string): void {
    if (this.#body === undefined) this.#sniff(piece);
    else this.#body.feed(piece);
    const { endings, hasEnded } = this.#answer;
    if (endings === this.#endings) return;
    this.#endings = endings;
    const { settleWithin } = this.#config;
    this.#endAfter(hasEnded ? Math.min(DRAIN_WITHIN, settleWithin) : settleWithin);
  }

  error(error: unknown): void {
    this.#body?.flush(false);
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
    this.#body = format === 'json' ? new JsonReader(this.#answer, this.#config) : new EventReader(this.#answer);
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
 * Errors by tag: `TruncatedError`, `NetworkError` (before anything came), `MalformedError`, `ToolCallError`, and those
 * that the server reports inside the stream.
 *
 * @internal
 */
export const toChunks = (config: ToChunksConfig): OperatorFunction<string, LLMChunk> =>
  link((subscriber) => new ChunkReader(subscriber, config));
