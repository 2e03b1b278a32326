import * as t from 'io-ts';
import { Action } from './action.js';
import { Finite } from './finite.js';
import type { JsonRecord } from './json.js';
import { objectCodec } from './object-codec.js';
import { PurposeScore } from './purpose-score.js';
import { State } from './state.js';

/** One finished step: what was, what was done, what came of it, and how it was judged. */
export interface TrajectoryStep<Data extends JsonRecord = JsonRecord> {
  readonly stateBefore: State<Data>;
  readonly action: Action;
  readonly stateAfter: State<Data>;
  readonly score: PurposeScore;
  /** 1-based. */
  readonly step: number;
}
/** Codec of {@link TrajectoryStep}. */
export const TrajectoryStep = objectCodec('TrajectoryStep', {
  stateBefore: State,
  action: Action,
  stateAfter: State,
  score: PurposeScore,
  step: Finite,
});

/** What a run did, and what came of it. */
export interface Trajectory<Data extends JsonRecord = JsonRecord> {
  readonly purpose: string;
  readonly steps: readonly TrajectoryStep<Data>[];
  /** The sum of the deltas. */
  readonly cumulativeReward: number;
  /** The share of the steps that improved, 0 to 1; 0 with no steps. */
  readonly successRate: number;
  /** The last `phiAfter`; 0 with no steps. */
  readonly finalPhi: number;
}
/** Codec of {@link Trajectory}. */
export const Trajectory = objectCodec('Trajectory', {
  purpose: t.string,
  steps: t.readonlyArray(TrajectoryStep),
  cumulativeReward: Finite,
  successRate: Finite,
  finalPhi: Finite,
});

type Scored = Pick<TrajectoryStep, 'score'>;

/** The sum of the deltas of some steps. */
export const cumulativeReward = (steps: readonly Scored[]): number => steps.reduce((sum, { score }) => sum + score.delta, 0);

/** The share of some steps that improved, 0 to 1; 0 with no steps. */
export const successRate = (steps: readonly Scored[]): number =>
  steps.length === 0 ? 0 : steps.filter(({ score }) => score.improved).length / steps.length;

/** The last `phiAfter` of some steps; 0 with no steps. */
export const finalPhi = (steps: readonly Scored[]): number => steps.at(-1)?.score.phiAfter ?? 0;

/** A purpose and the steps toward it as a trajectory, its totals included. The steps are copied. */
export const trajectoryOf = <Data extends JsonRecord>(purpose: string, steps: readonly TrajectoryStep<Data>[]): Trajectory<Data> => ({
  purpose,
  steps: [...steps],
  cumulativeReward: cumulativeReward(steps),
  successRate: successRate(steps),
  finalPhi: finalPhi(steps),
});
