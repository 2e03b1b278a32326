import { expect } from 'chai';
import * as fc from 'fast-check';
import { createPairKeeper, toWellFormed } from '../../lib/internal/well-formed.js';

describe('toWellFormed', () => {
  it('replaces each half of a pair that stands alone, and no whole pair', () => {
    expect(toWellFormed('a\ud83d\ud83d\ude00\ude00b')).to.equal('a\ufffd😀\ufffdb');
  });

  it('gives what encoding in UTF-8 and back gives', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (one, other) => {
        const text = one.slice(1) + other + one.slice(0, 1);
        expect(toWellFormed(text)).to.equal(new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text)));
      }),
    );
  });
});

describe('createPairKeeper', () => {
  it('puts pairs together that a text was cut between, and replaces halves that stay alone', () => {
    const pairs = createPairKeeper();
    expect(['a\ud83d', '\ude00b', '\ud83d', 'c', '\ude00', '\ud83d'].map((piece) => pairs.take(piece))).to.deep.equal([
      'a',
      '😀b',
      '',
      '\ufffdc',
      '\ufffd',
      '',
    ]);
    expect([pairs.rest(), pairs.rest()]).to.deep.equal(['\ufffd', '']);
  });
});
