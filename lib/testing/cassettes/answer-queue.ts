import type { Candidate } from './cassette-miss.js';

/**
 * The answers to one request, of the newest section that has any.
 *
 * @internal
 */
export interface AnswerQueue {
  /** In the order of asking. The list is another one after each {@link AnswerQueue.add}. */
  readonly candidates: () => readonly Candidate[];
  /** Gives what the candidate replaces: those of an earlier section. */
  readonly add: (candidate: Candidate) => readonly Candidate[];
  /** The first one that is not used. */
  readonly next: (used: ReadonlySet<Candidate>) => Candidate | undefined;
}

/**
 * Makes an {@link AnswerQueue} without answers.
 *
 * @internal
 */
export function createAnswerQueue(): AnswerQueue {
  let candidates: Candidate[] = [];
  /** What stands before it is used, and stays so. */
  let cursor = 0;
  return {
    candidates: () => candidates,
    add: (candidate) => {
      const last = candidates.at(-1);
      const isNewer = last !== undefined && last.exchange.section !== candidate.exchange.section;
      const replaced = isNewer ? candidates : [];
      if (isNewer) candidates = [];
      candidates.push(candidate);
      return replaced;
    },
    next: (used) => {
      for (; cursor < candidates.length; cursor += 1) {
        const candidate = candidates[cursor];
        if (candidate !== undefined && !used.has(candidate)) return candidate;
      }
      return undefined;
    },
  };
}
