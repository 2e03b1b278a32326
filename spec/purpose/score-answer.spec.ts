import { expect } from 'chai';
import { left, right } from 'fp-ts/lib/Either.js';
import * as fc from 'fast-check';
import { decode } from '../../lib/domain/decode.js';
import { scoreAnswer, scoreSchema } from '../../lib/purpose/score-answer.js';

const answer = { evidence: 'a key', phiBefore: 2, phiAfter: 5, confidence: 0.8 };
const { phiBefore: _dropped, ...later } = answer;

describe('scoreAnswer', () => {
  it('takes a whole answer and drops what else is in it', () => {
    expect(decode(scoreAnswer(undefined), { ...answer, mood: 'fine' })).to.deep.equal(right(answer));
  });

  it('wants phiBefore at the first step alone', () => {
    expect(decode(scoreAnswer(undefined), later)).to.deep.equal(left(['/phiBefore: expected a number from 0 to 10, got nothing']));
    expect(decode(scoreAnswer(3), later)).to.deep.equal(right({ ...answer, phiBefore: 3 }));
  });

  it('has the settled phiBefore whatever the model says', () => {
    for (const phiBefore of [9, -1, 'low', null]) {
      expect(decode(scoreAnswer(3), { ...answer, phiBefore })).to.deep.equal(right({ ...answer, phiBefore: 3 }));
    }
  });

  it('clamps nothing: a number out of its range is a fault with its path', () => {
    expect(decode(scoreAnswer(undefined), { evidence: 'e', phiBefore: -0.1, phiAfter: 10.5, confidence: '0.9' })).to.deep.equal(
      left([
        '/phiBefore: expected a number from 0 to 10, got -0.1',
        '/phiAfter: expected a number from 0 to 10, got 10.5',
        '/confidence: expected a number from 0 to 1, got "0.9"',
      ]),
    );
  });

  it('refuses a rise without evidence, by the settled phiBefore too', () => {
    const issue = ['/evidence: phiAfter 5 is above phiBefore 2: expected what in the state shows it'];
    expect(decode(scoreAnswer(undefined), { ...answer, evidence: ' \n' })).to.deep.equal(left(issue));
    expect(decode(scoreAnswer(2), { ...answer, phiBefore: 5, evidence: '' })).to.deep.equal(left(issue));
  });

  it('takes empty evidence where Φ stays or falls', () => {
    expect(decode(scoreAnswer(5), { ...later, evidence: '' })).to.deep.equal(right({ ...answer, evidence: '', phiBefore: 5 }));
    expect(decode(scoreAnswer(6), { ...later, evidence: '' })).to.deep.equal(right({ ...answer, evidence: '', phiBefore: 6 }));
  });

  it('never lets through what is out of range, or a rise without evidence', () => {
    const number = fc.oneof(fc.double({ min: -2, max: 12 }), fc.constantFrom(0, 1, 10, Number.NaN, Infinity));
    const any = fc.record({ evidence: fc.constantFrom('', ' ', 'a key'), phiBefore: number, phiAfter: number, confidence: number });
    fc.assert(
      fc.property(any, fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined }), (value, settled) => {
        const decoded = decode(scoreAnswer(settled), value);
        if (decoded._tag === 'Left') return;
        const { evidence, phiBefore, phiAfter, confidence } = decoded.right;
        for (const phi of [phiBefore, phiAfter]) expect(phi).to.be.within(0, 10);
        expect(confidence).to.be.within(0, 1);
        if (phiAfter > phiBefore) expect(evidence).to.equal('a key');
        if (settled !== undefined) expect(phiBefore).to.equal(settled);
        expect(phiAfter).to.equal(value.phiAfter);
      }),
    );
  });
});

describe('scoreSchema', () => {
  it('asks for the evidence first, and for phiBefore at the first step alone', () => {
    expect(scoreSchema(undefined)['required']).to.deep.equal(['evidence', 'phiBefore', 'phiAfter', 'confidence']);
    expect(scoreSchema(0)['required']).to.deep.equal(['evidence', 'phiAfter', 'confidence']);
    expect(Object.keys(scoreSchema(0)['properties'] ?? {})).to.deep.equal(scoreSchema(0)['required']);
    expect(scoreSchema(0)).to.include({ type: 'object', additionalProperties: false });
  });
});
