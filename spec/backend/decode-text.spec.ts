import { expect } from 'chai';
import { from } from 'rxjs';
import { decodeText } from '../../lib/backend/decode-text.js';

const decode = (...pieces: readonly (readonly number[])[]): string[] => {
  const seen: string[] = [];
  from(pieces.map((piece) => Uint8Array.from(piece)))
    .pipe(decodeText())
    .subscribe((text) => seen.push(text));
  return seen;
};

describe('decodeText', () => {
  it('waits for the rest of a character that is cut', () => {
    expect(decode([0x61, 0xf0, 0x9f], [0x98], [0x80, 0x62])).to.deep.equal(['a', '😀b']);
  });

  it('leaves out a byte order mark, cut or not', () => {
    expect(decode([0xef, 0xbb], [0xbf, 0x61])).to.deep.equal(['a']);
  });

  it('shows that a character was cut off at the end', () => {
    expect(decode([0x61, 0xf0, 0x9f])).to.deep.equal(['a', '\uFFFD']);
  });

  it('keeps two subscribers apart', () => {
    const text$ = from([Uint8Array.from([0xc3]), Uint8Array.from([0xa4])]).pipe(decodeText());
    for (let count = 0; count < 2; count += 1) {
      const seen: string[] = [];
      text$.subscribe((text) => seen.push(text));
      expect(seen).to.deep.equal(['ä']);
    }
  });
});
