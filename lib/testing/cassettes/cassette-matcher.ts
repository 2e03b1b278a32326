import type { LLMRequest } from '../../backend/backend.js';
import type { Json } from '../../domain/json.js';
import { CassetteError } from '../../errors/cassette-error.js';
import { canonicalJson } from './canonical-json.js';
import type { RecordedExchange } from './cassette-exchange.js';
import { countOf, missText, nameOf, unexpectedText, usedUpText, type Candidate } from './cassette-miss.js';
import type { CassetteRedaction } from './cassette-redaction.js';

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
  /** Throws a `CassetteError` where there is none. */
  readonly take: (request: LLMRequest) => RecordedExchange;
  /** Throws a `CassetteError` where requests found none, or exchanges were not used. */
  readonly verify: () => void;
}

const canonical = (request: LLMRequest): string => canonicalJson(request as unknown as Json);

/** By the text itself, so that two requests whose hashes are alike are never taken for one. */
const byText = (candidates: readonly Candidate[]): ReadonlyMap<string, readonly Candidate[]> => {
  const found = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    // As it was recorded, and as it is redacted now: the hook may have been another one.
    for (const text of new Set([candidate.exchange.request, candidate.request].map(canonical))) {
      found.set(text, [...(found.get(text) ?? []), candidate]);
    }
  }
  return found;
};

/**
 * Makes a {@link CassetteMatcher}.
 *
 * @internal
 */
export function createMatcher({ exchanges, redaction, match }: MatcherConfig): CassetteMatcher {
  const candidates = exchanges.map((exchange, index): Candidate => ({
    exchange,
    position: index + 1,
    request: redaction.request(exchange.request),
  }));
  const known = byText(candidates);
  const used = new Set<Candidate>();
  const misses: string[] = [];
  let asked = 0;

  const find = (request: LLMRequest): Candidate | string => {
    if (match === 'order') return candidates[asked - 1] ?? unexpectedText(asked, candidates.length);
    const redacted = redaction.request(request);
    const same = known.get(canonical(redacted));
    if (same === undefined) return missText(asked, redacted, candidates);
    return same.find((candidate) => !used.has(candidate)) ?? usedUpText(asked, same);
  };

  return {
    take: (request) => {
      asked += 1;
      const found = find(request);
      if (typeof found === 'string') {
        misses.push(found);
        throw new CassetteError(found);
      }
      used.add(found);
      return found.exchange;
    },
    verify: () => {
      if (misses.length > 0) {
        throw new CassetteError(`${countOf(misses.length, 'request')} of ${asked} found no answer in the cassette.\n${misses.join('\n')}`);
      }
      const unused = candidates.filter((candidate) => !used.has(candidate));
      if (unused.length === 0) return;
      throw new CassetteError(
        `${unused.length} of the ${countOf(candidates.length, 'exchange')} of the cassette ${unused.length === 1 ? 'was' : 'were'} never asked for: ${unused.map(nameOf).join('; ')}.`,
      );
    },
  };
}
