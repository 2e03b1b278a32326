import type { Observable } from 'rxjs';
import type { StreamEvent } from '../../domain/stream-event.js';
import type { TaskResult } from '../../domain/task.js';
import type { Trajectory } from '../../domain/trajectory.js';
import { toTrajectory } from '../../operators/to-trajectory.js';
import type { AgentRun } from '../../orchestrator/agent-run.js';
import { firstDifference } from './difference.js';
import { wholeRun } from './expect-run.js';
import type { PartOf } from './part-of.js';
import { recordNotices } from './record-marks.js';
import type { Session } from './session.js';
import { showValue } from './show-value.js';

/** What something that comes once, at the end of a run, is expected to be. */
export interface ValueExpectation<T> {
  /** Expects at least this, at the end of the test. */
  toMatch(part: PartOf<T>): void;
  /** Expects exactly this, at the end of the test. */
  toEqual(whole: T): void;
}

const forEver = { from: 0, to: Infinity };

const expectValue = <T>(session: Session, what: string, source: Observable<T>): ValueExpectation<T> => {
  const notices = recordNotices(session, source, forEver);
  const expectIt = (expected: unknown, comparison: 'part' | 'whole'): void => {
    session.check(() => {
      const [came] = notices.flatMap((notice) => (notice.kind === 'N' ? [notice] : []));
      const [failed] = notices.flatMap((notice) => (notice.kind === 'E' ? [notice] : []));
      if (came === undefined) {
        const why =
          failed === undefined
            ? 'the run has not ended, or never began'
            : `the run failed with ${showValue(failed.error).replace(/\.$/, '')}`;
        return `${what} was expected, but there is none: ${why}.`;
      }
      const difference = firstDifference(expected, came.value, comparison);
      return (
        difference && [`${what} is not what was expected.`, '', difference, '', 'It is, in full:', showValue(came.value, 2)].join('\n')
      );
    });
  };
  return {
    toMatch: (part) => {
      expectIt(part, 'part');
    },
    toEqual: (whole) => {
      expectIt(whole, 'whole');
    },
  };
};

/** @internal */
export const expectTrajectory = (session: Session, run: Observable<StreamEvent>): ValueExpectation<Trajectory> =>
  expectValue(session, 'The trajectory of the run', wholeRun(run).pipe(toTrajectory()));

/** @internal */
export const expectResult = (session: Session, run: AgentRun): ValueExpectation<TaskResult> =>
  expectValue(session, 'The result of the run', run.result$);
