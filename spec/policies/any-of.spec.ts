import { expect } from 'chai';
import { ContractError } from '../../lib/errors/contract-error.js';
import { anyOf } from '../../lib/policies/any-of.js';
import { found, nudge, saying, stop } from '../support/verdicts.js';

describe('anyOf', () => {
  it('finds what the first that stops finds', () => {
    expect(found(anyOf(saying('a'), saying('b', stop('B')), saying('c', stop('C'))))).to.deep.equal(stop('B'));
    expect(found(anyOf(saying('a'), saying('b')))).to.equal(undefined);
  });

  it('stops rather than nudge, and nudges by the first that does', () => {
    expect(found(anyOf(saying('a', nudge('a')), saying('b', stop('B'))))).to.deep.equal(stop('B'));
    expect(found(anyOf(saying('a'), saying('b', nudge('b')), saying('c', nudge('c'))))).to.deep.equal(nudge('b'));
  });

  it('is called by their names', () => {
    expect(anyOf(saying('a'), saying('b')).name).to.equal('a or b');
  });

  it('refuses to be of none', () => {
    expect(() => anyOf()).to.throw(ContractError, 'anyOf needs at least one stop policy.');
  });
});
