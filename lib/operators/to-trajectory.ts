import { catchError, concat, defer, of, tap, throwError, ignoreElements, EMPTY, type Observable, type OperatorFunction } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import { advanceRun, createRunState, runTrajectory } from '../domain/run-state.js';
import type { StreamEvent } from '../domain/stream-event.js';
import type { Trajectory } from '../domain/trajectory.js';
import { EventOrderError } from '../errors/event-order-error.js';

/**
 * The trajectory of a run out of its events alone, once, when they end. Where they end in an error, the trajectory up
 * to it comes first and then the error.
 *
 * ```text
 * source       -s-t-a-S-e-x|
 * toTrajectory ------------(T|)
 * ```
 *
 * Of no events at all it makes nothing. State is per subscription: the steps of the run, until it ends. Unsubscribing
 * unsubscribes from the source. Errors: `EventOrderError` where the events do not begin with `task_start`, since what
 * is missing cannot be made up; join a run that is under way by `run.from(0)`.
 *
 * ```ts
 * from(JSON.parse(log)).pipe(toTrajectory());
 * ```
 */
export function toTrajectory<Data extends JsonRecord = JsonRecord>(): OperatorFunction<StreamEvent<Data>, Trajectory<Data>> {
  return (source) =>
    defer(() => {
      const run = createRunState<Data>();
      let isEmpty = true;
      const take = (event: StreamEvent<Data>): void => {
        if (isEmpty && event.type !== 'task_start') {
          throw new EventOrderError(`toTrajectory needs a run from its beginning, but the first event is ${event.type}: use run.from(0).`);
        }
        isEmpty = false;
        advanceRun(run, event);
      };
      const result = (): Observable<Trajectory<Data>> => (isEmpty ? EMPTY : of(runTrajectory(run)));
      return concat(source.pipe(tap(take), ignoreElements()), defer(result)).pipe(
        catchError((error: unknown) =>
          concat(
            result(),
            throwError(() => error),
          ),
        ),
      );
    });
}
