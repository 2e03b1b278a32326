import { BehaviorSubject, defer, finalize, first, map, type Observable } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import type { Trajectory } from '../domain/trajectory.js';
import type { Experience } from '../experience/experience.js';
import { fromMany } from '../internal/from-input.js';

/** Hands finished trajectories to the experience, in the background. */
export interface Recorder<Data extends JsonRecord> {
  /** Subscribes at once, waits for nothing, and tells what goes wrong, now or later. */
  readonly record: (trajectory: Trajectory<Data>, onError: (error: unknown) => void) => void;
  /** Emits once and completes when no recording is pending: at once where none is. */
  readonly flush: () => Observable<void>;
}

/** The one subscription that outlives a run: nobody who watches the run can stop a recording. */
export const createRecorder = <Data extends JsonRecord>(experience: Experience<Data> | undefined): Recorder<Data> => {
  const pending$ = new BehaviorSubject(0);
  return {
    record: (trajectory, onError) => {
      if (experience === undefined) return;
      pending$.next(pending$.value + 1);
      defer(() => fromMany(experience.record(trajectory) ?? []))
        .pipe(
          finalize(() => {
            pending$.next(pending$.value - 1);
          }),
        )
        .subscribe({ error: onError });
    },
    flush: () =>
      pending$.pipe(
        // Looked at again: a recording may begin while others are told that there is none.
        first((count) => count === 0 && pending$.value === 0),
        map(() => undefined),
      ),
  };
};
