import { expect } from 'chai';
import * as fc from 'fast-check';
import { layOutText } from '../../../lib/testing/cassettes/lay-out-text.js';

const pieces = fc.array(fc.string({ maxLength: 6 }), { minLength: 1, maxLength: 6 });

describe('layOutText', () => {
  it('leaves what is alike where it was, and cuts the rest in proportion', () => {
    expect(layOutText(['the key ', 'sk-12345', '67890 fits'], 'the key [redacted] fits')).to.deep.equal([
      'the key ',
      '[redac',
      'ted] fits',
    ]);
  });

  it('leaves pieces behind a change as they were, also where it is shorter or longer', () => {
    expect(layOutText(['a', 'bcd', 'e', 'f'], 'axef')).to.deep.equal(['a', 'x', 'e', 'f']);
    expect(layOutText(['a', 'b', 'cc', 'd'], 'axyzccd')).to.deep.equal(['a', 'xyz', 'cc', 'd']);
    expect(layOutText(['ab', 'c'], '')).to.deep.equal(['', '']);
  });

  it('cuts no surrogate pair in half', () => {
    expect(layOutText(['ab', 'cd'], '🚪x')).to.deep.equal(['', '🚪x']);
    expect(layOutText(['abc', 'd'], '🚪x')).to.deep.equal(['🚪', 'x']);
  });

  it('keeps the number of pieces and gives the text, whatever it is', () => {
    fc.assert(
      fc.property(pieces, fc.string({ maxLength: 20 }), (original, text) => {
        const laidOut = layOutText(original, text);
        expect(laidOut).to.have.length(original.length);
        expect(laidOut.join('')).to.equal(text);
      }),
    );
  });

  it('changes nothing where nothing changed', () => {
    fc.assert(
      fc.property(pieces, (original) => {
        expect(layOutText(original, original.join(''))).to.deep.equal(original);
      }),
    );
  });
});
