import { expect } from 'chai';
import { ContractError } from '../../lib/errors/contract-error.js';
import { plateau } from '../../lib/policies/plateau.js';
import { runsSoFar, runSoFar } from '../support/run-so-far.js';
import { drawn, reasonOf } from '../support/verdicts.js';

const phis = (...values: readonly number[]) => runsSoFar(...values.map((phi) => ({ phi })));

describe('plateau', () => {
  it('stops where Φ has not moved over the window', () => {
    expect(drawn(plateau(), phis(3, 5, 5, 5.1, 5))).to.equal('....x');
    expect(drawn(plateau({ window: 1 }), phis(3, 5, 5))).to.equal('..x');
  });

  it('looks at no fewer scores than its window', () => {
    expect(drawn(plateau(), phis(0, 0, 0))).to.equal('..x');
    expect(drawn(plateau(), [runSoFar()])).to.equal('.');
  });

  it('sees a drift of small moves in one direction, and a swing that comes back', () => {
    expect(drawn(plateau(), phis(5, 5.1, 5.2, 5.3, 5.4))).to.equal('.....');
    expect(drawn(plateau(), phis(5, 6, 5, 6, 5))).to.equal('.....');
    expect(drawn(plateau({ epsilon: 1 }), phis(5, 6, 5, 6, 5))).to.equal('...xx');
  });

  it('takes decimals as they are written', () => {
    expect(drawn(plateau(), phis(5.1, 5.2, 5.1, 5.2))).to.equal('...x');
    expect(drawn(plateau({ epsilon: 0 }), phis(5, 5, 5, 5))).to.equal('...x');
  });

  it('says why', () => {
    expect(reasonOf(plateau(), runSoFar({}, {}, {}))).to.equal('Φ has moved by no more than 0.1 over the last 3 scores');
    expect(reasonOf(plateau({ window: 1, epsilon: 0 }), runSoFar({}))).to.equal('Φ has moved by no more than 0 over the last score');
  });

  it('refuses numbers that make no sense', () => {
    expect(() => plateau({ window: 0 })).to.throw(ContractError, 'window has to be a whole number from 1, not 0.');
    expect(() => plateau({ window: 1.5 })).to.throw(ContractError);
    expect(() => plateau({ epsilon: -1 })).to.throw(ContractError, 'epsilon has to be a number from 0, not -1.');
    expect(() => plateau({ epsilon: Number.NaN })).to.throw(ContractError);
  });
});
