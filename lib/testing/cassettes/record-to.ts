import { asyncScheduler, defer, throwError, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { askBackend, decoratedBackend } from '../../backend/ask-backend.js';
import type { LLMBackend, LLMChunk, LLMRequest } from '../../backend/backend.js';
import { operate } from '../../internal/operate.js';
import { createRedaction } from './cassette-redaction.js';
import { createCassetteWriter, type CassetteWriter } from './cassette-writer.js';

/** Configuration of {@link recordTo}. */
export interface RecordToConfig {
  /** What tells the time. Defaults to the async scheduler, which is virtual in `TestScheduler.run`. */
  readonly scheduler?: SchedulerLike;
  /** Takes out of every text and key what must not be in the cassette, after what looks like a credential has been taken out. */
  readonly redact?: (text: string) => string;
}

/** Nobody is left to be told: as RxJS does with such errors. */
const report = (act: () => void): void => {
  try {
    act();
  } catch (error) {
    throwError(() => error).subscribe();
  }
};

const recorded = (request: LLMRequest, writer: CassetteWriter, scheduler: SchedulerLike): MonoTypeOperatorFunction<LLMChunk> =>
  operate<LLMChunk, LLMChunk>((subscriber) => {
    const exchange = writer.open(request, scheduler.now());
    subscriber.add(() => {
      report(() => {
        exchange.close({ how: 'cancelled' }, scheduler.now());
      });
    });
    return {
      next: (chunk) => {
        exchange.note(chunk, scheduler.now());
        subscriber.next(chunk);
      },
      error: (error: unknown) => {
        exchange.close({ how: 'error', error }, scheduler.now());
      },
      complete: () => {
        exchange.close({ how: 'complete' }, scheduler.now());
      },
    };
  });

/**
 * Writes down what a backend answers, to be played again by {@link replayFrom}.
 *
 * ```text
 * backend            --a--b-|
 * recordTo(sink)     --a--b-|
 * lines                     (hrabe)    header, request, a, b, end
 * ```
 *
 * A pass-through: nothing is held up, and errors, completion and unsubscription go on as they are. Cold: a subscription
 * is one request and one exchange. It is written when it ends, in one go, so that exchanges side by side are not mixed;
 * until then its chunks are kept. Left early, it is written as `cancelled` before `unsubscribe()` returns. What is still
 * under way when the process ends is not written.
 *
 * What one call of `recordTo` writes is one section of the cassette, whose first exchange brings the header: the same
 * decorator may be put around several backends. One recorder a file at a time. A file may be appended to; for a request
 * that two sections have, the newer one answers, so a recording that is made again best begins with an empty file.
 * Texts are written so that each survives, half surrogate pairs too; keys called `__proto__` are left out.
 *
 * Keys and headers never reach a cassette: requests do not hold them, and what looks like a credential in a text, in a
 * key, in a parameter or in an error is hidden, also where it was cut across chunks; then the hook `redact` has its
 * turn. A text that is an object or a list as JSON stays one. Names and ids of tools, calls and response formats are
 * what things are told apart by, and stay. The `hash` of a request is taken before: it tells apart what only the
 * redaction makes the same. It is no way back to a key, though who guesses a short secret can check the guess.
 *
 * ```ts
 * const lines: string[] = [];
 * const backend = recordTo((line) => lines.push(line))(scriptedBackend(['Hello']));
 * generate(backend, { messages: [] }).subscribe({ complete: () => console.log(lines.length) }); // 5: header, request, text, finish, end
 * ```
 *
 * @param sink - Takes one line of JSON at a time, without its line break. Synchronous: the line is written when it returns.
 * What it left half written where it threw is skipped by who reads it; the next exchange begins a section.
 * @throws `CassetteError` in the stream, with its cause: before anything is asked where a request is not JSON; where a
 * chunk is not, and where the sink or the hook throws or the sink gives a promise. Once the answer is left it is
 * reported as an unhandled error.
 */
export function recordTo(
  sink: (line: string) => void,
  { scheduler = asyncScheduler, redact }: RecordToConfig = {},
): (backend: LLMBackend) => LLMBackend {
  const writer = createCassetteWriter({ sink, redaction: createRedaction(redact) });
  return (backend) => decoratedBackend((request) => defer(() => askBackend(backend, request)).pipe(recorded(request, writer, scheduler)));
}
