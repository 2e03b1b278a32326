import type { LLMRequest } from '../../backend/backend.js';
import { CassetteError } from '../../errors/cassette-error.js';
import { errorText } from '../../errors/describe-error.js';
import { canonicalRequest } from './canonical-request.js';
import type { RecordedExchange } from './cassette-exchange.js';
import { createAnswerFinder, type AnswerFinder } from './answer-finder.js';
import { countOf, fewOf, missText, nameOf, unexpectedText, usedUpText, type Candidate } from './cassette-miss.js';
import type { CassetteRedaction } from './cassette-redaction.js';
import { copyRequest } from './copy-request.js';
import { once } from './once.js';
import { requestHash } from './request-hash.js';

/** Configuration of {@link createMatcher}. */
export interface MatcherConfig {
  readonly exchanges: readonly RecordedExchange[];
  readonly redaction: CassetteRedaction;
  /** By what is asked, or by how many requests came before. */
  readonly match: 'hash' | 'order';
}

/**
 * Finds the exchange of each request, and notes which were used and which requests found none.
 *
 * @internal
 */
export interface CassetteMatcher {
  /** Throws a `CassetteError` where there is none, or where the request cannot be read. */
  readonly take: (read: () => LLMRequest) => RecordedExchange;
  /** Throws a `CassetteError` where requests found none, or exchanges were not used. */
  readonly verify: () => void;
}

/** Redacted when it is first looked at: by order that is never. */
const toCandidates = ({ exchanges, redaction }: MatcherConfig): readonly Candidate[] =>
  exchanges.map((exchange, index): Candidate => {
    const redacted = once(() => redaction.request(exchange.request));
    return {
      exchange,
      position: index + 1,
      get request() {
        return redacted();
      },
    };
  });

const readable = <T>(what: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    if (error instanceof CassetteError) throw error;
    const message = `${what} could not be read: ${errorText(error)}. A request has to be JSON, and the hook redact may not throw.`;
    throw new CassetteError(message, { cause: error });
  }
};

/**
 * Makes a {@link CassetteMatcher}.
 *
 * @internal
 */
export function createMatcher(config: MatcherConfig): CassetteMatcher {
  const { redaction, match } = config;
  const candidates = toCandidates(config);
  const finder = once((): AnswerFinder => createAnswerFinder(match === 'hash' ? candidates : []));
  const used = new Set<Candidate>();
  const misses: string[] = [];
  let asked = 0;

  const find = (request: LLMRequest): Candidate => {
    if (match === 'order') {
      const next = candidates[asked - 1];
      if (next === undefined) throw new CassetteError(unexpectedText(asked, candidates.length));
      return next;
    }
    const copy = copyRequest(request);
    const redacted = redaction.request(copy);
    const { find: answersTo, replaced } = finder();
    const answers = answersTo(canonicalRequest(redacted), requestHash(canonicalRequest(copy)));
    if (answers === undefined) {
      const current = candidates.filter((candidate) => !replaced.has(candidate));
      throw new CassetteError(missText(asked, redacted, current, used));
    }
    const next = answers.next(used);
    if (next === undefined) throw new CassetteError(usedUpText(asked, answers.candidates()));
    return next;
  };

  const checkUsed = (): void => {
    const { replaced } = finder();
    const unused = candidates.filter((candidate) => !used.has(candidate) && !replaced.has(candidate));
    if (unused.length === 0) return;
    throw new CassetteError(
      `${unused.length} of the ${countOf(candidates.length, 'exchange')} of the cassette ${unused.length === 1 ? 'was' : 'were'} never asked for: ${fewOf(unused, nameOf, '; ')}.`,
    );
  };

  return {
    take: (read) => {
      asked += 1;
      try {
        const found = readable(`Request ${asked}`, () => find(read()));
        used.add(found);
        return found.exchange;
      } catch (error) {
        misses.push(errorText(error));
        throw error;
      }
    },
    verify: () => {
      if (misses.length > 0) {
        throw new CassetteError(
          `${countOf(misses.length, 'request')} of ${asked} found no answer in the cassette.\n${fewOf(misses, (miss) => miss, '\n')}`,
        );
      }
      readable('The cassette', checkUsed);
    },
  };
}
