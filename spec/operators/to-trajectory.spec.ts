import { expectTypeOf } from 'expect-type';
import type { OperatorFunction } from 'rxjs';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import type { Trajectory } from '../../lib/domain/trajectory.js';
import { EventOrderError } from '../../lib/errors/event-order-error.js';
import { toTrajectory } from '../../lib/operators/to-trajectory.js';
import { actionOf, scoreOf, stepEnd, stepStart, taskEnd, taskStart } from '../support/events.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const values = { s: taskStart, S: stepStart(1), a: actionOf('look', 1), c: scoreOf(4, 1), e: stepEnd(1), x: taskEnd() };
const T: Trajectory = {
  purpose: 'p',
  steps: [
    {
      stateBefore: { data: { n: 0 } },
      action: { name: 'look', params: {}, thought: '', expectedDelta: '' },
      stateAfter: { data: { n: 1 } },
      score: { phiBefore: 0, phiAfter: 4, delta: 4, confidence: 1, evidence: '', improved: true },
      step: 1,
    },
  ],
  cumulativeReward: 4,
  successRate: 1,
  finalPhi: 4,
};
const none: Trajectory = { purpose: 'p', steps: [], cumulativeReward: 0, successRate: 0, finalPhi: 0 };

describe('toTrajectory', () => {
  it('gives the trajectory once, when the events end', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-s-S-a-c-e-x|   ', values);
      const subs = '       ^-----------!   ';
      const expected = '   ------------(T|)';

      expectObservable(source.pipe(toTrajectory())).toBe(expected, { T });
      expectSubscriptions(source.subscriptions).toBe(subs);
    }));

  it('gives the trajectory so far before an error, a step that was cut short left out', () =>
    agentMarbles(({ cold, expectObservable }) => {
      expectObservable(cold('-s-S-a-c-e-#', values).pipe(toTrajectory())).toBe('-----------(T#)', { T });
      expectObservable(cold('-s-S-a-c-#', values).pipe(toTrajectory())).toBe('---------(N#)', { N: none });
    }));

  it('makes nothing of no events', () =>
    agentMarbles(({ cold, expectObservable }) => {
      expectObservable(cold<StreamEvent>('--|').pipe(toTrajectory())).toBe('--|');
      expectObservable(cold<StreamEvent>('--#').pipe(toTrajectory())).toBe('--#');
    }));

  it('errors where the beginning is missing', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-c-e-x|', values);
      const error = new EventOrderError('toTrajectory needs a run from its beginning, but the first event is action: use run.from(0).');
      expectObservable(source.pipe(toTrajectory())).toBe('-#', {}, error);
      expectSubscriptions(source.subscriptions).toBe('^!');
    }));

  it('keeps its state to a subscription and unsubscribes', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-s-S-a-c-e-x|', values);
      const trajectory$ = source.pipe(toTrajectory());
      expectObservable(trajectory$).toBe('------------(T|)', { T });
      expectObservable(trajectory$, '---^').toBe('---------------(T|)', { T });
      expectObservable(trajectory$, '^--!').toBe('----');
      expectSubscriptions(source.subscriptions).toBe(['^-----------!', '^--!', '---^-----------!']);
    }));

  it('turns events into a trajectory of their data', () => {
    type Data = { readonly n: number };
    expectTypeOf(toTrajectory<Data>()).toEqualTypeOf<OperatorFunction<StreamEvent<Data>, Trajectory<Data>>>();
  });
});
