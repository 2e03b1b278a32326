import { expect } from 'chai';
import * as fc from 'fast-check';
import { from, of, take, tap } from 'rxjs';
import { decodeText } from '../../lib/backend/decode-text.js';

const decode = (...pieces: readonly (readonly number[])[]): string[] => {
  const seen: string[] = [];
  from(pieces.map((piece) => Uint8Array.from(piece)))
    .pipe(decodeText())
    .subscribe((text) => seen.push(text));
  return seen;
};

/** Parts of characters, whole ones, a byte order mark, and bytes that are no UTF-8. */
const scraps = fc.constantFrom(
  [0x61],
  [0xc3, 0xa4],
  [0xe2, 0x80, 0x93],
  [0xf0, 0x9f, 0x98, 0x80],
  [0xef, 0xbb, 0xbf],
  [0x80],
  [0xc3],
  [0xc0],
  [0xe2, 0x80],
  [0xe0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf0, 0x9f],
  [0xf5, 0x80],
  [0xff],
);

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

  it('decodes any bytes, cut anywhere, as they are decoded in one', () => {
    fc.assert(
      fc.property(fc.array(fc.array(scraps, { maxLength: 4 }), { maxLength: 8 }), fc.integer({ min: 1, max: 5 }), (parts, size) => {
        const bytes = parts.flat(2);
        const expected = new TextDecoder().decode(Uint8Array.from(bytes));
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.slice(at * size, (at + 1) * size));
        expect(decode(...parts.map((part) => part.flat())).join('')).to.equal(expected);
        expect(decode(...pieces).join('')).to.equal(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('decodes a large piece in parts', () => {
    const text = 'a–😀'.repeat(10_000);
    const pieces = decode([...new TextEncoder().encode(text)]);
    expect(pieces.join('')).to.equal(text);
    expect(Math.max(...pieces.map(({ length }) => length))).to.be.below(8193);
  });

  it('takes other kinds of bytes, as a body that was made by hand may have', () => {
    const bytes = Uint8Array.from([0x61, 0xc3, 0xa4]);
    const pieces: readonly unknown[] = [bytes.buffer, new DataView(bytes.buffer, 1, 2), bytes];
    let heard = '';
    from(pieces as readonly Uint8Array[])
      .pipe(decodeText())
      .subscribe((text) => {
        heard += text;
      });
    expect(heard).to.equal('aääaä');
  });

  it('keeps two subscribers apart', () => {
    const text$ = from([Uint8Array.from([0xc3]), Uint8Array.from([0xa4])]).pipe(decodeText());
    for (let count = 0; count < 2; count += 1) {
      const seen: string[] = [];
      text$.subscribe((text) => seen.push(text));
      expect(seen).to.deep.equal(['ä']);
    }
  });

  it('reads so many bytes and no more, whatever the cut', () => {
    const bytes = new TextEncoder().encode('aä😀b'.repeat(3000));
    for (const size of [1, 7, 8192, 9000, bytes.length]) {
      for (const maxBytes of [1, 2, 9000, bytes.length - 1]) {
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.slice(at * size, (at + 1) * size));
        let heard = '';
        let error: unknown;
        from(pieces)
          .pipe(decodeText({ maxBytes }))
          .subscribe({ next: (text) => (heard += text), error: (reason: unknown) => (error = reason) });
        expect(error).to.include({ _tag: 'AnswerLimitError', limit: maxBytes });
        // A character that was cut is not said.
        const whole = new TextDecoder().decode(bytes.slice(0, maxBytes), { stream: true });
        expect(heard === whole, `${size} ${maxBytes}`).to.equal(true);
      }
    }
  });

  it('decodes no more of a piece once its reader has left', () => {
    let count = 0;
    of(new Uint8Array(100_000).fill(0x61))
      .pipe(
        decodeText({ maxBytes: 50_000 }),
        tap(() => (count += 1)),
        take(1),
      )
      .subscribe();
    expect(count).to.equal(1);
  });
});
