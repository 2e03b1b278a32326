import { expect } from 'chai';
import { left, right } from 'fp-ts/lib/Either.js';
import { decode } from '../../lib/domain/decode.js';
import { Finite } from '../../lib/domain/finite.js';

describe('Finite', () => {
  it('takes every number that JSON can hold', () => {
    for (const number of [0, -1.5, 1e300]) expect(decode(Finite, number)).to.deep.equal(right(number));
  });

  it('refuses NaN and infinities by name, and what is no number', () => {
    expect(decode(Finite, Number.NaN)).to.deep.equal(left(['/: expected a finite number, got NaN']));
    expect(decode(Finite, -Infinity)).to.deep.equal(left(['/: expected a finite number, got -Infinity']));
    expect(decode(Finite, '5')).to.deep.equal(left(['/: expected number, got "5"']));
  });
});
