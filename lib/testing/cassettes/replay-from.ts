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
   * gets the n-th answer, whatever it asks. Defaults to `hash`.
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
  /** Throws a `CassetteError` where requests found no answer, or answers were never asked for; it says which. */
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
 * Requests are compared whole, as JSON with sorted keys and after the redaction of the recording. Errors come back as
 * instances of their class with tag, message, `isRetryable` and what else it holds, without cause; foreign ones as
 * `BackendError`.
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
 * @param cassette - The text of a file, or its lines. Versions 1 and 2 are read; a last line that is torn is cut off.
 * @throws `CassetteError` when it is made, for a cassette that cannot be read, with the line; in the stream, at a request
 * that has no answer, with what differs from the nearest one recorded.
 */
export function replayFrom(
  cassette: string | Iterable<string>,
  { match = 'hash', timing = 'recorded', scheduler = asyncScheduler, redact }: ReplayFromConfig = {},
): ReplayBackend {
  const matcher = createMatcher({ exchanges: readCassette(cassette), redaction: createRedaction(redact), match });
  const requests: LLMRequest[] = [];
  return {
    requests,
    stream: (request) =>
      defer(() => {
        requests.push(snapshot(request));
        return playExchange(matcher.take(request), timing === 'none' ? undefined : scheduler);
      }),
    verify: matcher.verify,
  };
}
