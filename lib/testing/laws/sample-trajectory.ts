import { toPurposeScore } from '../../domain/purpose-score.js';
import { trajectoryOf, type Trajectory, type TrajectoryStep } from '../../domain/trajectory.js';

/** Steps with every kind of JSON in them, so that a store that loses a part is found out. */
const stepOf = (step: number, phiAfter: number): TrajectoryStep => ({
  stateBefore: { data: { step: step - 1, seen: null } },
  action: { name: 'look', params: { at: ['a', { b: -1.5 }], deep: true }, thought: 'Über "all"\n', expectedDelta: '' },
  stateAfter: { data: { step, seen: [{ text: '🚪' }, []], open: false }, summary: `step ${step}` },
  score: toPurposeScore({ phiBefore: 0, phiAfter, confidence: 0.5, evidence: 'seen' }),
  step,
});

/**
 * A fresh trajectory of two steps.
 *
 * @internal
 */
export const sampleTrajectory = (purpose: string, finalPhi = 5): Trajectory => trajectoryOf(purpose, [stepOf(1, 0), stepOf(2, finalPhi)]);
