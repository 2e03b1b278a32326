import { expect } from 'chai';
import * as fc from 'fast-check';
import { shorten, truncate } from '../../lib/domain/text.js';

describe('truncate', () => {
  it('leaves a text that is short enough alone', () => {
    expect(truncate('abc', 3)).to.equal('abc');
    expect(truncate('', 0)).to.equal('');
  });

  it('cuts a longer one', () => {
    expect(truncate('abcd', 3)).to.equal('abc');
  });

  it('does not cut a pair in half', () => {
    expect(truncate('ab😀', 3)).to.equal('ab');
    expect(truncate('ab😀c', 4)).to.equal('ab😀');
  });

  it('gives a beginning of the text, at most one unit short, and never a new half pair', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, length) => {
        const cut = truncate(text, length);
        expect(text.startsWith(cut)).to.equal(true);
        expect(cut.length).to.be.within(Math.min(text.length, Math.max(length - 1, 0)), length);
        expect(cut).not.to.match(/\p{Surrogate}/u);
      }),
    );
  });
});

describe('shorten', () => {
  it('leaves a text that is short enough alone, and shows where it cut a longer one', () => {
    expect(shorten('abc', 3)).to.equal('abc');
    expect(shorten('abcd', 3)).to.equal('abc…');
    expect(shorten('ab😀', 3)).to.equal('ab…');
  });
});
