import { createAnswerQueue, type AnswerQueue } from './answer-queue.js';
import { canonicalRequest } from './canonical-request.js';
import type { Candidate } from './cassette-miss.js';

/**
 * Finds the answers to a request.
 *
 * @internal
 */
export interface AnswerFinder {
  /** By the redacted text; where that of several requests is the same, those of the same hash. */
  readonly find: (text: string, hash: string) => AnswerQueue | undefined;
  /** What later sections have a newer answer for. */
  readonly replaced: ReadonlySet<Candidate>;
}

interface SameText {
  readonly all: AnswerQueue;
  readonly byHash: Map<string, AnswerQueue>;
}

const entryOf = <Value>(map: Map<string, Value>, key: string, make: () => Value): Value => {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
};

const makeSameText = (): SameText => ({ all: createAnswerQueue(), byHash: new Map() });

/**
 * Makes the {@link AnswerFinder} of candidates in the order of the cassette. By the text itself, so that two requests
 * whose hashes are alike are never taken for one.
 *
 * @internal
 */
export function createAnswerFinder(candidates: readonly Candidate[]): AnswerFinder {
  const byText = new Map<string, SameText>();
  const replaced = new Set<Candidate>();
  for (const candidate of candidates) {
    const { exchange, request } = candidate;
    // As it was recorded, and as it is redacted now: the hook may have been another one.
    for (const text of new Set([exchange.request, request].map(canonicalRequest))) {
      const { all, byHash } = entryOf(byText, text, makeSameText);
      for (const old of all.add(candidate)) replaced.add(old);
      entryOf(byHash, exchange.hash, createAnswerQueue).add(candidate);
    }
  }
  return {
    find: (text, hash) => {
      const same = byText.get(text);
      return same?.byHash.get(hash) ?? same?.all;
    },
    replaced,
  };
}
