import { expect } from 'chai';
import * as E from 'fp-ts/lib/Either.js';
import { isLeft, isRight, left, right } from '../../lib/domain/either.js';

describe('either', () => {
  it('makes the values of fp-ts', () => {
    expect(left('no')).to.deep.equal(E.left('no'));
    expect(right(1)).to.deep.equal(E.right(1));
  });

  it('tells the values of fp-ts apart', () => {
    expect([isLeft(E.left('no')), isLeft(E.right(1))]).to.deep.equal([true, false]);
    expect([isRight(E.left('no')), isRight(E.right(1))]).to.deep.equal([false, true]);
  });
});
