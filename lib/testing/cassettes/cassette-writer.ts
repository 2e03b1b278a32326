import type { LLMChunk, LLMRequest } from '../../backend/backend.js';
import { CassetteError } from '../../errors/cassette-error.js';
import { errorText } from '../../errors/describe-error.js';
import { canonicalRequest } from './canonical-request.js';
import type { ExchangeEnd, TimedChunk } from './cassette-exchange.js';
import type { CassetteRedaction } from './cassette-redaction.js';
import { copyRequest } from './copy-request.js';
import { toRecordedError } from './recorded-error.js';
import { requestHash } from './request-hash.js';
import { answerLines, headerLine, requestLine } from './write-exchange.js';

/**
 * How an answer ended, with the error itself.
 *
 * @internal
 */
export type Ending = { readonly how: 'complete' | 'cancelled' } | { readonly how: 'error'; readonly error: unknown };

/**
 * An exchange that is being recorded.
 *
 * @internal
 */
export interface OpenExchange {
  /** Keeps a copy of a chunk. */
  readonly note: (chunk: LLMChunk, now: number) => void;
  /** Writes the exchange; nothing where that was done, or tried, before. */
  readonly close: (ending: Ending, now: number) => void;
}

/** Configuration of {@link createCassetteWriter}. */
export interface CassetteWriterConfig {
  /** Takes one line, without its break, and is done with it when it returns. */
  readonly sink: (line: string) => void;
  readonly redaction: CassetteRedaction;
}

/**
 * Writes the exchanges of one section of a cassette, each when it has ended.
 *
 * @internal
 */
export interface CassetteWriter {
  readonly open: (request: LLMRequest, now: number) => OpenExchange;
}

/** Fails with a `CassetteError`, whatever the sink, the hook or JSON fails with. */
const guard = <T>(write: () => T, answered?: { readonly error: unknown }): T => {
  try {
    return write();
  } catch (error) {
    const also = answered === undefined ? '' : ` The answer itself had failed: ${errorText(answered.error)}`;
    throw new CassetteError(`The exchange could not be recorded: ${errorText(error)}${also}`, {
      cause: answered === undefined ? error : new AggregateError([error, answered.error]),
    });
  }
};

const isThenable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'then') === 'function';

/**
 * Makes a {@link CassetteWriter}.
 *
 * @internal
 */
export function createCassetteWriter({ sink, redaction }: CassetteWriterConfig): CassetteWriter {
  let asked = 0;
  let begun: number | undefined;
  let hasHeader = false;

  const put = (line: string): void => {
    const given: unknown = sink(line);
    if (isThenable(given)) throw new Error('the sink gave a promise, and has to be done with a line when it returns');
  };

  const write = (lines: readonly string[]): void => {
    const all = hasHeader ? lines : [headerLine(), ...lines];
    // Where the sink fails within a line, the header of the next exchange ends it.
    hasHeader = false;
    all.forEach(put);
    hasHeader = true;
  };

  const open = (request: LLMRequest, start: number): OpenExchange => {
    const id = asked + 1;
    const at = Math.max(0, start - (begun ?? start));
    const first = guard(() => {
      const copy = copyRequest(request);
      return requestLine({ id, at, hash: requestHash(canonicalRequest(copy)), request: redaction.request(copy) });
    });
    begun ??= start;
    asked = id;
    // As text: a copy that nobody changes before the exchange is written.
    const noted: string[] = [];
    let latest = 0;
    let isClosed = false;

    /** Clocks may be set back while an answer comes. */
    const since = (now: number): number => (latest = Math.max(latest, now - start));

    const endOf = (ending: Ending, now: number): ExchangeEnd => {
      const at = since(now);
      return ending.how === 'error' ? { at, how: 'error', error: redaction.error(toRecordedError(ending.error)) } : { at, how: ending.how };
    };

    return {
      note: (chunk, now) => {
        try {
          const at = since(now);
          guard(() => noted.push(JSON.stringify({ at, chunk })));
        } catch (error) {
          isClosed = true;
          throw error;
        }
      },
      close: (ending, now) => {
        if (isClosed) return;
        isClosed = true;
        guard(
          () => {
            const chunks = redaction.chunks(noted.map((text) => JSON.parse(text) as TimedChunk));
            write([first, ...answerLines({ id, chunks, end: endOf(ending, now) })]);
          },
          ending.how === 'error' ? ending : undefined,
        );
      },
    };
  };
  return { open };
}
