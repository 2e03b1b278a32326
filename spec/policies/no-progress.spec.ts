import { expect } from 'chai';
import { ContractError } from '../../lib/errors/contract-error.js';
import { noProgress } from '../../lib/policies/no-progress.js';
import { runsSoFar, runSoFar } from '../support/run-so-far.js';
import { drawn, reasonOf } from '../support/verdicts.js';

describe('noProgress', () => {
  it('stops where no step of the last ones raised Φ', () => {
    const runs = runsSoFar({ phi: 2 }, { phi: 3 }, { phi: 3 }, { phi: 2 }, { phi: 2 });
    expect(drawn(noProgress(), runs)).to.equal('....x');
    expect(drawn(noProgress({ steps: 1 }), runs)).to.equal('..xxx');
  });

  it('goes on as long as one of them did, be it by little', () => {
    expect(drawn(noProgress(), runsSoFar({}, {}, { phi: 0.01 }, {}, {}, {}))).to.equal('.....x');
    expect(drawn(noProgress({ steps: 2 }), [runSoFar(), runSoFar({})])).to.equal('..');
  });

  it('says why', () => {
    expect(reasonOf(noProgress({ steps: 2 }), runSoFar({}, {}))).to.equal('none of the last 2 steps raised Φ');
    expect(reasonOf(noProgress({ steps: 1 }), runSoFar({}))).to.equal('the last step did not raise Φ');
  });

  it('refuses a number that makes no sense', () => {
    expect(() => noProgress({ steps: 0 })).to.throw(ContractError, 'steps has to be a whole number from 1, not 0.');
  });
});
