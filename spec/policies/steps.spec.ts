import { expect } from 'chai';
import { ContractError } from '../../lib/errors/contract-error.js';
import { steps } from '../../lib/policies/steps.js';
import { runsSoFar, runSoFar } from '../support/run-so-far.js';
import { drawn, reasonOf } from '../support/verdicts.js';

describe('steps', () => {
  it('stops after as many steps, and goes on saying so', () => {
    expect(drawn(steps(3), runsSoFar({}, {}, {}, {}))).to.equal('..xx');
    expect(reasonOf(steps(1), runSoFar({}))).to.equal('1 of 1 steps were taken');
  });

  it('refuses a number that makes no sense', () => {
    for (const count of [0, 1.5, Number.NaN]) expect(() => steps(count)).to.throw(ContractError, 'The number of steps');
  });
});
