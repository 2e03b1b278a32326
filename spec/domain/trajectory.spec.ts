import { expect } from 'chai';
import * as fc from 'fast-check';
import { left, right } from 'fp-ts/lib/Either.js';
import { decode } from '../../lib/domain/decode.js';
import { toPurposeScore } from '../../lib/domain/purpose-score.js';
import { cumulativeReward, finalPhi, successRate, Trajectory, trajectoryOf, type TrajectoryStep } from '../../lib/domain/trajectory.js';

const step = (phiBefore: number, phiAfter: number, index = 1): TrajectoryStep => ({
  stateBefore: { data: {} },
  action: { name: 'look', params: {}, thought: '', expectedDelta: '' },
  stateAfter: { data: { index } },
  score: toPurposeScore({ phiBefore, phiAfter }),
  step: index,
});

describe('the totals of a trajectory', () => {
  it('are 0 with no steps', () => {
    expect([cumulativeReward([]), successRate([]), finalPhi([])]).to.deep.equal([0, 0, 0]);
  });

  it('sum the deltas, count what improved and take the last Φ', () => {
    const steps = [step(0, 4), step(4, 3), step(3, 3), step(3, 8)];
    expect([cumulativeReward(steps), successRate(steps), finalPhi(steps)]).to.deep.equal([8, 0.5, 8]);
  });

  it('add up to the way from the first Φ to the last where each step begins at the end of the one before', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10), { minLength: 2 }), (phis) => {
        const steps = phis.slice(1).map((phi, index) => step(phis[index] ?? 0, phi));
        expect(cumulativeReward(steps)).to.equal((phis.at(-1) ?? 0) - (phis[0] ?? 0));
        expect(finalPhi(steps)).to.equal(phis.at(-1));
        expect(successRate(steps)).to.be.within(0, 1);
      }),
    );
  });
});

describe('trajectoryOf', () => {
  it('has a copy of the steps and their totals', () => {
    const steps = [step(0, 4)];
    const trajectory = trajectoryOf('look', steps);
    steps.push(step(4, 5, 2));
    expect(trajectory).to.deep.equal({ purpose: 'look', steps: [step(0, 4)], cumulativeReward: 4, successRate: 1, finalPhi: 4 });
  });

  it('survives a round trip through text', () => {
    const trajectory = trajectoryOf('look', [step(0, 4), step(4, 2, 2)]);
    expect(decode(Trajectory, JSON.parse(JSON.stringify(trajectory)))).to.deep.equal(right(trajectory));
  });
});

describe('Trajectory', () => {
  it('names the path of what is wrong in a step', () => {
    const wrong = { ...trajectoryOf('look', []), steps: [step(0, 4), { ...step(0, 4), score: { ...step(0, 4).score, phiAfter: 11 } }] };
    expect(decode(Trajectory, wrong)).to.deep.equal(left(['/steps/1/score/phiAfter: expected a number from 0 to 10, got 11']));
  });
});
