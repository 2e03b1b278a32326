import { expect } from 'chai';
import { createNestedSkipper, createQuoteFinder } from '../../lib/internal/json-skip.js';

/** Where each piece of one value stopped, and how the last one ended. */
const skipAll = (deepest: number, ...pieces: readonly string[]): readonly [stops: readonly number[], end: string] => {
  const nested = createNestedSkipper(deepest);
  nested.open();
  return [pieces.map((piece) => nested.skip(piece, 0)), nested.ended()];
};

describe('createQuoteFinder', () => {
  it('finds the quote that no backslash escapes, over pieces and string by string', () => {
    const quotes = createQuoteFinder();
    expect(['a\\', '"b\\\\', 'c"d"', '"'].map((piece) => quotes.find(piece, 0))).to.deep.equal([2, 4, 1, 0]);
  });
});

describe('createNestedSkipper', () => {
  it('stops after the bracket that closes the value, over pieces', () => {
    expect(skipAll(9, '{"a":[1', ',{}]', '},"b"')).to.deep.equal([[7, 4, 1], 'closed']);
  });

  it('takes no notice of brackets in strings', () => {
    expect(skipAll(9, '["]', '\\"]"', ']')).to.deep.equal([[3, 4, 1], 'closed']);
  });

  it('stops at a bracket that closes another one', () => {
    expect(skipAll(9, '[{]')).to.deep.equal([[2], 'mismatch']);
  });

  it('stops at a bracket that leads too deep', () => {
    expect(skipAll(2, '[[]')).to.deep.equal([[3], 'open']);
    expect(skipAll(2, '[[[')).to.deep.equal([[2], 'too deep']);
  });
});
