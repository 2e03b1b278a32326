import { expect } from 'chai';
import { ContractError } from '../../lib/errors/contract-error.js';
import { deadline } from '../../lib/policies/deadline.js';
import { runSoFar } from '../support/run-so-far.js';
import { reasonOf } from '../support/verdicts.js';

describe('deadline', () => {
  it('stops once its time has passed since the start', () => {
    const run = runSoFar({});
    expect(reasonOf(deadline(100), run, 99)).to.equal(undefined);
    expect(reasonOf(deadline(100), run, 100)).to.equal('100 of 100 ms have passed');
    expect(deadline(100).check(run, { startedAt: 1000, now: 1099 })).to.equal(undefined);
  });

  it('refuses a number that makes no sense', () => {
    for (const within of [-1, Number.NaN, Infinity]) expect(() => deadline(within)).to.throw(ContractError, 'The deadline');
  });
});
