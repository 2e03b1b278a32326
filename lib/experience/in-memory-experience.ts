import type { Trajectory } from '../domain/trajectory.js';
import { ContractError } from '../errors/contract-error.js';
import type { Experience } from './experience.js';

/** Configuration of {@link inMemoryExperience}. */
export interface InMemoryExperienceConfig {
  /** The most trajectories that are kept, a whole number from 1; the oldest go first. Defaults to 1000. */
  readonly capacity?: number;
  /** The most trajectories that are recalled at once, a whole number from 1. Defaults to 3. */
  readonly limit?: number;
}

interface Entry {
  readonly trajectory: Trajectory;
  readonly words: ReadonlySet<string>;
}

interface Match {
  readonly trajectory: Trajectory;
  readonly shared: number;
  readonly age: number;
}

/**
 * Experience that is kept in memory and gone with the process.
 *
 * Recalls by how many different words the purposes share, whatever their case; then by `finalPhi`; then the newest.
 * What shares no word is not recalled. A word is a run of letters and digits of any script. Recalling compares the purpose
 * with those of all entries, so it costs as much as there are entries and words in the purpose.
 *
 * What it holds is this maker's own: orchestrators that are given the same experience learn from each other.
 *
 * ```ts
 * const experience = inMemoryExperience();
 * experience.record(trajectory); // of the purpose 'find the parser'
 * experience.recall({ purpose: 'Find a lexer', state, step: 1 }); // [trajectory], for the word "find"
 * ```
 *
 * @throws ContractError - Where a number is not a whole one from 1.
 */
export function inMemoryExperience({ capacity = 1000, limit = 3 }: InMemoryExperienceConfig = {}): Experience {
  requireCount('capacity', capacity);
  requireCount('limit', limit);
  const entries: Entry[] = [];
  return {
    recall: ({ purpose }) => {
      const wanted = [...wordsOf(purpose)];
      return entries
        .map(({ trajectory, words }, index): Match => ({ trajectory, shared: countIn(words, wanted), age: entries.length - index }))
        .filter(({ shared }) => shared > 0)
        .sort(byUse)
        .slice(0, limit)
        .map(({ trajectory }) => trajectory);
    },
    record: (trajectory) => {
      entries.push({ trajectory, words: wordsOf(trajectory.purpose) });
      if (entries.length > capacity) entries.shift();
    },
  };
}

const requireCount = (name: string, value: number): void => {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new ContractError(`${name} is to be a whole number from 1, and is ${String(value)}.`);
};

/** Marks belong to the letters before them: without them the words of many scripts would fall apart. */
const wordsOf = (text: string): ReadonlySet<string> =>
  new Set(
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{M}]+/gu),
  );

const countIn = (words: ReadonlySet<string>, wanted: readonly string[]): number =>
  wanted.reduce((count, word) => (words.has(word) ? count + 1 : count), 0);

const byUse = (one: Match, other: Match): number =>
  other.shared - one.shared || other.trajectory.finalPhi - one.trajectory.finalPhi || one.age - other.age;
