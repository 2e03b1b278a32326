import { catchError, defer, map, of, take, throwError, throwIfEmpty, timeout, type Observable, type SchedulerLike } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import type { Trajectory } from '../domain/trajectory.js';
import { errorText } from '../errors/describe-error.js';
import type { Experience, RecallQuery } from '../experience/experience.js';
import { fromOne } from '../internal/from-input.js';

/** What experience offered, and why it is nothing where it failed. */
export interface Recalled {
  readonly recalled: readonly Trajectory[];
  readonly error?: string;
}

const nothing: Recalled = { recalled: [] };

/** Configuration of {@link recall}. */
export interface RecallConfig {
  /** The longest that a decision waits for it, in milliseconds. */
  readonly recallWithin: number;
  readonly scheduler: SchedulerLike;
}

/**
 * Asks experience once. It never fails and never takes longer than `recallWithin`: what goes wrong is in the value.
 *
 * ```text
 * recall in time                ---r        3 ms
 * recall({ recallWithin: 50 })  ---(r|)
 * ```
 */
export const recall = <Data extends JsonRecord>(
  experience: Experience<Data>,
  { recallWithin, scheduler }: RecallConfig,
  query: RecallQuery<Data>,
): Observable<Recalled> =>
  defer(() => fromOne<readonly Trajectory[]>(experience.recall(query))).pipe(
    take(1),
    throwIfEmpty(() => new Error('it gave nothing')),
    timeout({
      first: recallWithin,
      scheduler,
      with: () => throwError(() => new Error(`it took longer than ${recallWithin} ms`)),
    }),
    map((recalled) => {
      if (!Array.isArray(recalled)) throw new Error('it gave something that is no list of trajectories');
      return { recalled };
    }),
    catchError((error: unknown) => of({ ...nothing, error: `recall failed: ${errorText(error)}` })),
  );
