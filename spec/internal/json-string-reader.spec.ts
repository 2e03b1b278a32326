import { expect } from 'chai';
import { createJsonStringReader } from '../../lib/internal/json-string-reader.js';

/** What is taken after each piece of one string, and how and where each piece ended. */
const readAll = (...pieces: readonly string[]): readonly (readonly [taken: string, end: string, at: number])[] => {
  const reader = createJsonStringReader();
  reader.open();
  return pieces.map((piece) => {
    const at = reader.read(piece, 0);
    return [reader.take(), reader.ended(), at];
  });
};

describe('createJsonStringReader', () => {
  it('unescapes as it goes and stops after the closing quote', () => {
    expect(readAll('a\\"b', '\\u00', 'e9c"de')).to.deep.equal([
      ['a"b', 'open', 4],
      ['', 'open', 4],
      ['éc', 'closed', 4],
    ]);
  });

  it('holds half a pair back until its other half comes, escaped or not', () => {
    expect(readAll('a\ud83d', '\ude00b\\ud83d', '\\ude00"').map(([taken]) => taken)).to.deep.equal(['a', '😀b', '😀']);
  });

  it('gives U+FFFD for half a pair that stays alone', () => {
    expect(readAll('\\ud83d', 'a\ude00', '\ud83d"').map(([taken]) => taken)).to.deep.equal(['', '\ufffda\ufffd', '\ufffd']);
  });

  it('stops at what no escape may hold', () => {
    expect(readAll('ab\\x')[0]).to.deep.equal(['ab', 'fault', 3]);
    expect(readAll('\\u0', '0g')[1]).to.deep.equal(['', 'fault', 1]);
  });

  it('knows nothing of the string before when it opens the next', () => {
    const reader = createJsonStringReader();
    reader.open();
    reader.read('lost\\u0', 0);
    reader.open();
    reader.read('kept"', 0);
    expect(reader.take()).to.equal('kept');
  });
});
