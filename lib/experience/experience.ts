import type { ObservableInput } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import type { State } from '../domain/state.js';
import type { Trajectory } from '../domain/trajectory.js';

/** What experience is asked for. */
export interface RecallQuery<Data extends JsonRecord = JsonRecord> {
  readonly purpose: string;
  readonly state: State<Data>;
  /** The step that is about to be decided, from 1. */
  readonly step: number;
}

/**
 * What is kept of finished trajectories and offered to later tasks. What it offers may come from tasks of other data.
 *
 * ```ts
 * const kept: Trajectory[] = [];
 * const experience: Experience = { recall: () => kept.slice(-3), record: (trajectory) => void kept.push(trajectory) };
 * ```
 */
export interface Experience<Data extends JsonRecord = JsonRecord> {
  /** The trajectories that may help, the most useful first; an array is one value. Asked before each decision. */
  recall(query: RecallQuery<Data>): readonly Trajectory[] | ObservableInput<readonly Trajectory[]>;
  /** Keeps a finished trajectory. Subscribed before `task_end`, not waited for, and stopped by no unsubscription. */
  record(trajectory: Trajectory<Data>): void | ObservableInput<unknown>;
}
