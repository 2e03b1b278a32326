import { expect } from 'chai';
import { randomNumber } from '../../lib/internal/random.js';

describe('randomNumber', () => {
  it('gives numbers from 0 up to 1 that differ', () => {
    const numbers = Array.from({ length: 100 }, () => randomNumber());
    expect(numbers.every((number) => number >= 0 && number < 1)).to.equal(true);
    expect(new Set(numbers).size).to.be.above(90);
  });
});
