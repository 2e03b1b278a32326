import { expect } from 'chai';
import { ContractError } from '../../lib/errors/contract-error.js';
import type { StopPolicy } from '../../lib/orchestrator/stop-policy.js';
import { nudgeFirst } from '../../lib/policies/nudge-first.js';
import { runSoFar, type StepSoFar } from '../support/run-so-far.js';
import { clockAt } from '../support/verdicts.js';

/** Holds at the steps that are drawn as `x`. */
const holding = (steps: string): StopPolicy => ({
  name: 'p',
  check: ({ step }) => (steps[step - 1] === 'x' ? { type: 'stop', reason: 'it holds' } : undefined),
});

/** What comes of it step by step, its nudges being told as a run tells them, until it stops. */
const played = (policy: StopPolicy, count: number): string => {
  const steps: StepSoFar[] = [];
  let drawn = '';
  while (drawn.length < count && !drawn.endsWith('x')) {
    const verdict = policy.check(runSoFar(...steps, {}), clockAt(0));
    steps.push(verdict?.type === 'nudge' ? { nudge: verdict.policy } : {});
    drawn += verdict === undefined ? '.' : verdict.type === 'nudge' ? 'n' : 'x';
  }
  return drawn;
};

describe('nudgeFirst', () => {
  it('nudges where the policy first holds, and stops where it still holds after the patience', () => {
    expect(played(nudgeFirst(holding('.xxx')), 9)).to.equal('.n.x');
    expect(played(nudgeFirst(holding('xx'), { patience: 1 }), 9)).to.equal('nx');
    expect(played(nudgeFirst(holding('xxxxxx'), { patience: 4 }), 9)).to.equal('n...x');
  });

  it('lets an actor go on that has recovered by then, and nudges anew at what comes later', () => {
    expect(played(nudgeFirst(holding('.xx..xxx')), 9)).to.equal('.n...n.x');
    expect(played(nudgeFirst(holding('x.x')), 9)).to.equal('n.x');
    expect(played(nudgeFirst(holding('x')), 4)).to.equal('n...');
  });

  it('stops for the reason of the policy, under its name, and nudges with that reason unless told otherwise', () => {
    const policy = nudgeFirst(holding('xxx'));
    expect(policy.name).to.equal('p');
    expect(policy.check(runSoFar({}), clockAt(0))).to.deep.equal({
      type: 'nudge',
      policy: 'p',
      message: 'You seem to be stuck: it holds. Try another way; if there is none, end the task and say why.',
    });
    expect(policy.check(runSoFar({ nudge: 'p' }, {}, {}), clockAt(0))).to.deep.equal({ type: 'stop', reason: 'it holds' });
    const other = nudgeFirst(holding('x'), { message: 'Think again.' });
    expect(other.check(runSoFar({}), clockAt(0))).to.have.property('message', 'Think again.');
  });

  it('knows its own nudges from those of others', () => {
    expect(nudgeFirst(holding('xx')).check(runSoFar({ nudge: 'q' }, {}), clockAt(0))).to.have.property('type', 'nudge');
    expect(nudgeFirst({ ...holding('xx'), name: 'q' }, { patience: 1 }).check(runSoFar({ nudge: 'q' }, {}), clockAt(0))).to.have.property(
      'type',
      'stop',
    );
  });

  it('passes on what the policy itself nudges', () => {
    const policy: StopPolicy = { name: 'p', check: () => ({ type: 'nudge', policy: 'inner', message: 'm' }) };
    expect(nudgeFirst(policy).check(runSoFar({}), clockAt(0))).to.deep.equal({ type: 'nudge', policy: 'inner', message: 'm' });
  });

  it('refuses a number that makes no sense', () => {
    expect(() => nudgeFirst(holding(''), { patience: 0 })).to.throw(ContractError, 'patience has to be a whole number from 1, not 0.');
  });
});
