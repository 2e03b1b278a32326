import { expect } from 'chai';
import * as fc from 'fast-check';
import { left, right } from 'fp-ts/lib/Either.js';
import { decode } from '../../lib/domain/decode.js';
import { Confidence, Phi, PurposeScore, toPurposeScore } from '../../lib/domain/purpose-score.js';

describe('Phi', () => {
  it('is a number from 0 to 10, and nothing is clamped', () => {
    for (const phi of [0, 4.5, 10]) expect(decode(Phi, phi)).to.deep.equal(right(phi));
    expect(decode(Phi, 10.1)).to.deep.equal(left(['/: expected a number from 0 to 10, got 10.1']));
    expect(decode(Phi, -0.1)).to.deep.equal(left(['/: expected a number from 0 to 10, got -0.1']));
    for (const wrong of [Number.NaN, Infinity, '5', null, undefined]) expect(Phi.is(wrong)).to.equal(false);
    expect(decode(Phi, '5')).to.deep.equal(left(['/: expected a number from 0 to 10, got "5"']));
  });
});

describe('Confidence', () => {
  it('is a number from 0 to 1, and nothing is clamped', () => {
    for (const confidence of [0, 0.5, 1]) expect(decode(Confidence, confidence)).to.deep.equal(right(confidence));
    expect(decode(Confidence, 1.1)).to.deep.equal(left(['/: expected a number from 0 to 1, got 1.1']));
  });
});

describe('toPurposeScore', () => {
  it('derives delta and improved', () => {
    expect(toPurposeScore({ phiBefore: 2, phiAfter: 5, confidence: 0.5, evidence: 'e' })).to.deep.equal({
      phiBefore: 2,
      phiAfter: 5,
      delta: 3,
      confidence: 0.5,
      evidence: 'e',
      improved: true,
    });
    expect(toPurposeScore({ phiBefore: 5, phiAfter: 5 })).to.include({ delta: 0, improved: false, confidence: 1, evidence: '' });
    expect(toPurposeScore({ phiBefore: 5, phiAfter: 2 })).to.include({ delta: -3, improved: false });
  });

  it('gives scores that decode', () => {
    const phi = fc.double({ min: 0, max: 10, noNaN: true });
    fc.assert(
      fc.property(phi, phi, fc.double({ min: 0, max: 1, noNaN: true }), (phiBefore, phiAfter, confidence) => {
        const score = toPurposeScore({ phiBefore, phiAfter, confidence });
        expect(decode(PurposeScore, score)).to.deep.equal(right(score));
      }),
    );
  });
});
