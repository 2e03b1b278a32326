import { asyncScheduler, type ObservableInput, type SchedulerLike } from 'rxjs';
import type { LLMChunk } from './backend.js';
import { checkCount, checkTime } from './check-setting.js';

/** The chunks of an answer, in their order. They are JSON. */
export type StoredAnswer = readonly LLMChunk[];

/** Where answers are kept. Five lines around a Map, a file or a database will do. */
export interface AnswerStore {
  /** The answer of this key, now or later; `undefined`, or nothing at all, where there is none. */
  readonly get: (key: string) => StoredAnswer | undefined | ObservableInput<StoredAnswer | undefined>;
  /** Keeps an answer; done when what it gives completes. */
  readonly set: (key: string, answer: StoredAnswer) => void | ObservableInput<unknown>;
}

/** Configuration of {@link memoryStore}. */
export interface MemoryStoreConfig {
  /** How many answers are kept, a whole number from 1; the one that was not asked for longest goes first. Defaults to 500. */
  readonly capacity?: number;
  /** How long an answer is kept, in milliseconds, 0 to 2^31 - 1. Defaults to for ever. */
  readonly ttl?: number;
  /** What time is told by. Defaults to `asyncScheduler`, which is virtual under `TestScheduler.run`. */
  readonly scheduler?: SchedulerLike;
}

interface Kept {
  readonly answer: StoredAnswer;
  readonly until: number;
}

const DEFAULT_CAPACITY = 500;

/**
 * A store in memory that forgets what was not asked for longest. It has no timers: what is too old is forgotten when it
 * is asked for, or crowded out.
 *
 * @internal
 * @throws `ContractError` at the call where a number makes no sense.
 */
export function memoryStore({ capacity = DEFAULT_CAPACITY, ttl, scheduler = asyncScheduler }: MemoryStoreConfig): AnswerStore {
  checkCount('capacity', capacity);
  if (ttl !== undefined) checkTime('ttl', ttl);
  // In the order in which they were asked for.
  const kept = new Map<string, Kept>();

  return {
    get: (key) => {
      const found = kept.get(key);
      kept.delete(key);
      if (found === undefined || found.until <= scheduler.now()) return undefined;
      kept.set(key, found);
      return found.answer;
    },
    set: (key, answer) => {
      kept.delete(key);
      kept.set(key, { answer, until: ttl === undefined ? Infinity : scheduler.now() + ttl });
      const [oldest] = kept.keys();
      if (kept.size > capacity && oldest !== undefined) kept.delete(oldest);
    },
  };
}
