import { asyncScheduler, defer, type SchedulerLike } from 'rxjs';
import type { LLMBackend, LLMRequest } from '../../backend/backend.js';
import { snapshot } from '../../internal/snapshot.js';
import { createMatcher } from './cassette-matcher.js';
import { createRedaction } from './cassette-redaction.js';
import { playExchange } from './play-exchange.js';
import { readCassette } from './read-cassette.js';

/** Configuration of {@link replayFrom}. */
export interface ReplayFromConfig {
  /**
   * `hash`: a request gets the recorded answers to the same request, one after the other. `order`: the n-th request
   * gets the n-th answer of the cassette, all its sections one after the other, whatever it asks. Defaults to `hash`.
   */
  readonly match?: 'hash' | 'order';
  /** `recorded`: each chunk comes when it came. `none`: all of an answer at once. Defaults to `recorded`. */
  readonly timing?: 'recorded' | 'none';
  /** What the times run on. Defaults to the async scheduler, which is virtual in `TestScheduler.run`. */
  readonly scheduler?: SchedulerLike;
  /** Takes out of every text of a request, recorded or asked, what is not to be compared. That of the recording, and more where need be. */
  readonly redact?: (text: string) => string;
}

/** A backend that plays a cassette. */
export interface ReplayBackend extends LLMBackend {
  /** The requests so far, oldest first: frozen copies as they came in. The list grows. */
  readonly requests: readonly LLMRequest[];
  /**
   * Throws a `CassetteError` where requests found no answer or could not be read, or answers were never asked for that
   * no later section replaces; it names the first five.
   */
  verify(): void;
}

/**
 * A backend that answers from a cassette what {@link recordTo} wrote into it.
 *
 * ```text
 * recorded                    --a--b-|
 * replayFrom(…)               --a--b-|
 * timing: 'none'              (ab|)
 * recorded, left at '!'       --a--!
 * replayFrom(…)               --a-----    it stays open: nobody knows how it would have gone on
 * ```
 *
 * Cold: a subscription takes an answer and is noted in `requests`. Unsubscribing stops the answer, which counts as used.
 * Requests are compared whole, as JSON with sorted keys and after the redaction of the recording. Where that has made
 * several recorded requests the same, the one whose `hash` of the text before is that of the request asked has the
 * answer, and once it is used up there is none; where none has (another day, an edited cassette), they answer in the
 * order of recording. Where several sections of a cassette have a request, only the newest answers it: a recording that
 * is appended replaces older answers.
 *
 * Errors come back as instances of their class with tag, message, `isRetryable` and what else it holds, without cause;
 * foreign ones as `BackendError` with their name as tag, so that `describeError` says the same of both.
 *
 * ```ts
 * const lines: string[] = [];
 * generate(recordTo((line) => lines.push(line))(scriptedBackend(['Hello'])), { messages: [] }).subscribe();
 *
 * const backend = replayFrom(lines, { timing: 'none' });
 * generate(backend, { messages: [] }).subscribe(console.log); // Hello
 * backend.verify();
 * ```
 *
 * @param cassette - The text of a file, or its lines. Versions 1 and 2 are read; a line that is torn, the last one or
 * one before a header, is left out, and so is an exchange without its end.
 * @throws `CassetteError` when it is made, for a cassette that cannot be read, with the line; in the stream, at a request
 * that has no answer, with what differs from the nearest one recorded, or that is not JSON, or where the hook throws.
 */
export function replayFrom(
  cassette: string | Iterable<string>,
  { match = 'hash', timing = 'recorded', scheduler = asyncScheduler, redact }: ReplayFromConfig = {},
): ReplayBackend {
  const matcher = createMatcher({ exchanges: readCassette(cassette), redaction: createRedaction(redact), match });
  const requests: LLMRequest[] = [];
  return {
    requests,
    stream: (request) => {
      const read = (): LLMRequest => {
        requests.push(snapshot(request));
        return request;
      };
      return defer(() => playExchange(matcher.take(read), timing === 'none' ? undefined : scheduler));
    },
    verify: matcher.verify,
  };
}
