import type { CancelWay } from './subject.js';

/** What the process of a subject is told to do. */
export type Order =
  | { readonly do: 'readText' | 'runAgent'; readonly baseURL: string; readonly consumers: number }
  | { readonly do: 'loopTools'; readonly baseURL: string; readonly steps: number }
  | { readonly do: 'takeSteps'; readonly steps: number; readonly tokens: number }
  | { readonly do: 'cancel'; readonly baseURL: string; readonly way: CancelWay }
  /**
   * They count from `settle` milliseconds after all have begun. `weigh`: what a stream holds is looked at when all have
   * begun; the delays then count for nothing.
   */
  | { readonly do: 'readPaced'; readonly baseURL: string; readonly streams: number; readonly settle: number; readonly weigh: boolean }
  | { readonly do: 'holdRuns'; readonly count: number };

/** What came of it. */
export interface Outcome {
  /** CPU time of the process, in microseconds. */
  readonly cpu: number;
  /** What the subject counted: characters, steps, events. */
  readonly count?: number | undefined;
  /** How many tokens came while they counted. */
  readonly timed?: number;
  /** When a reading was given up, `process.hrtime()` in nanoseconds. */
  readonly at?: string;
  /** How late tokens were, in milliseconds: half of them at most, and 99 of 100 at most. */
  readonly delay50?: number;
  readonly delay99?: number;
  /** What each stream or run holds. */
  readonly bytes?: number;
  /** What went wrong. */
  readonly fault?: string;
}

/** What a process says of its subject when it is there. */
export interface Introduction {
  readonly ways: readonly CancelWay[];
  readonly methods: readonly string[];
}
