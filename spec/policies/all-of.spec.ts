import { expect } from 'chai';
import { ContractError } from '../../lib/errors/contract-error.js';
import { allOf } from '../../lib/policies/all-of.js';
import { anyOf } from '../../lib/policies/any-of.js';
import { found, nudge, saying, stop } from '../support/verdicts.js';

describe('allOf', () => {
  it('stops where all do, for all their reasons', () => {
    expect(found(allOf(saying('a', stop('A')), saying('b', stop('B'))))).to.deep.equal(stop('A; B'));
    expect(found(allOf(saying('a', stop('A')), saying('b')))).to.equal(undefined);
    expect(found(allOf(saying('a'), saying('b', stop('B'))))).to.equal(undefined);
  });

  it('nudges where all find something and one of them nudges', () => {
    expect(found(allOf(saying('a', stop('A')), saying('b', nudge('b'))))).to.deep.equal(nudge('b'));
    expect(found(allOf(saying('a', nudge('a')), saying('b')))).to.equal(undefined);
  });

  it('is called by their names, and nests', () => {
    expect(allOf(saying('a'), anyOf(saying('b'), saying('c'))).name).to.equal('a and b or c');
    expect(found(allOf(saying('a', stop('A')), anyOf(saying('b'), saying('c', stop('C')))))).to.deep.equal(stop('A; C'));
  });

  it('refuses to be of none, which would hold at once', () => {
    expect(() => allOf()).to.throw(ContractError, 'allOf needs at least one stop policy.');
  });
});
