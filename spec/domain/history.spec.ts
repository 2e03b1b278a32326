import { expect } from 'chai';
import { actionText, scoreText } from '../../lib/domain/history.js';

describe('actionText', () => {
  it('is the name with the parameters as JSON', () => {
    expect(actionText('look', { at: 'door', n: 2 })).to.equal('look({"at":"door","n":2})');
    expect(actionText('look', {})).to.equal('look({})');
  });
});

describe('scoreText', () => {
  for (const [delta, text] of [
    [0, 'Δ=+0.00'],
    [1.5, 'Δ=+1.50'],
    [-2, 'Δ=-2.00'],
    [0.126, 'Δ=+0.13'],
    [-0, 'Δ=+0.00'],
    [-0.001, 'Δ=-0.00'],
    [10, 'Δ=+10.00'],
  ] as const) {
    it(`is ${text} for ${delta}`, () => {
      expect(scoreText({ delta })).to.equal(text);
    });
  }
});
