import { createParser } from 'eventsource-parser';
import {
  defer,
  Subject,
  switchMap,
  takeUntil,
  timer,
  type MonoTypeOperatorFunction,
  type OperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import { MalformedError } from '../errors/malformed-error.js';
import { operate } from '../internal/operate.js';
import type { LLMChunk } from './backend.js';
import { createAnswer, type Answer } from './chat-completion-answer.js';
import { quote, type ErrorContext } from './openai-error.js';
import { sniffBody, type BodyFormat } from './sniff-body.js';

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

const eventReader = (answer: Answer): BodyReader => {
  const parser = createParser({
    onEvent: ({ data, event }) => {
      answer.event(data, event);
    },
  });
  return {
    feed: (piece) => {
      parser.feed(piece);
    },
    // Ends the last line and the last event, where the server did not.
    flush: () => {
      parser.feed('\n\n');
    },
  };
};

const jsonReader = (answer: Answer, config: ToChunksConfig): BodyReader => {
  let text = '';
  return {
    feed: (piece) => {
      text += piece;
    },
    flush: (isWhole) => {
      let payload: unknown;
      try {
        payload = JSON.parse(text);
      } catch {
        if (isWhole && text.trimEnd().endsWith('}')) throw notAnAnswer(text, config);
        // Half of it, which the end of the answer tells.
        return;
      }
      answer.whole(payload);
    },
  };
};

const READERS: Record<Exclude<BodyFormat, 'other'>, (answer: Answer, config: ToChunksConfig) => BodyReader> = {
  events: eventReader,
  json: jsonReader,
};

/** Reads a body of whatever format. */
function bodyReader(answer: Answer, config: ToChunksConfig): BodyReader & { readonly format: () => BodyFormat | undefined } {
  let head = '';
  let reader: BodyReader | undefined;
  let format: BodyFormat | undefined;
  return {
    feed: (piece) => {
      if (reader !== undefined) {
        reader.feed(piece);
        return;
      }
      // Some servers keep the connection alive with blank lines: they are not kept.
      head = (head + piece).trimStart();
      format = sniffBody(head);
      if (format === undefined) return;
      if (format === 'other') throw notAnAnswer(head, config);
      reader = READERS[format](answer, config);
      reader.feed(head);
    },
    flush: (isWhole) => {
      reader?.flush(isWhole);
    },
    format: () => format,
  };
}

/** Ends the source when the time that was last asked for is over. */
const endAfter =
  <T>(wait$: Subject<number>, scheduler: SchedulerLike): MonoTypeOperatorFunction<T> =>
  (source) =>
    source.pipe(takeUntil(wait$.pipe(switchMap((wait) => timer(wait, scheduler)))));

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
export const toChunks =
  (config: ToChunksConfig): OperatorFunction<string, LLMChunk> =>
  (source) =>
    defer(() => {
      const { scheduler, secrets, settleWithin } = config;
      const context: ErrorContext = { secrets, now: () => scheduler.now() };
      const wait$ = new Subject<number>();
      return source.pipe(
        endAfter(wait$, scheduler),
        operate<string, LLMChunk>((subscriber) => {
          const answer = createAnswer((chunk) => {
            subscriber.next(chunk);
          }, context);
          const reader = bodyReader(answer, config);
          let endings = 0;
          return {
            next: (piece) => {
              reader.feed(piece);
              if (answer.endings === endings) return;
              endings = answer.endings;
              wait$.next(answer.hasEnded ? Math.min(DRAIN_WITHIN, settleWithin) : settleWithin);
            },
            error: (error) => {
              reader.flush(false);
              answer.fail(error, reader.format() === 'json');
              subscriber.complete();
            },
            complete: () => {
              reader.flush(true);
              answer.end();
            },
          };
        }),
      );
    });
