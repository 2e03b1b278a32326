import { expect } from 'chai';
import * as fc from 'fast-check';
import { bar, callText, change, decimal, jsonText, lengthOf, wrap } from '../../../lib/testing/timelines/timeline-text.js';

const squeezed = (text: string): string => text.replaceAll(/\s+/g, '');

const fragment = fc.constantFrom('a', 'word', 'averylongwordindeed', ' ', '\n', '👍', '𝒳𝒴', '("x":', ',', '/', '漢字');
const anyText = fc.array(fragment, { maxLength: 20 }).map((parts) => parts.join(''));

describe('wrap', () => {
  it('breaks at white space, and a word that is too long behind a joint', () => {
    expect(wrap('one two  three', 7)).to.deep.equal(['one two', 'three']);
    expect(wrap('see https://example.org/path', 12)).to.deep.equal(
      ['see https://', 'example.org/', 'path'].slice(0, 0).concat(['see https://', 'example.org/', 'path']),
    );
    expect(wrap('abcdefgh', 3)).to.deep.equal(['abc', 'def', 'gh']);
    expect(wrap('a:bcdefghijk', 9)).to.deep.equal(['a:bcdefgh', 'ijk']);
    expect(wrap('one\r\ntwo\n\nthree\u2028four', 9)).to.deep.equal(['one', 'two', 'three', 'four']);
    expect(wrap(' \n\t', 9)).to.deep.equal([]);
  });

  it('shows what would move a cursor as a sign, and half a pair as what stands for it', () => {
    expect(wrap('\u001b[2J\u0000\u007f\u009b', 20)).to.deep.equal(['␛[2J␀␡\ufffd']);
    expect(wrap('a\tb \ud83d', 20)).to.deep.equal(['a b \ufffd']);
  });

  it('loses nothing but white space, cuts no code point and keeps to its width', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 15 }), (text, width) => {
        const lines = wrap(text, width);
        expect(squeezed(lines.join(''))).to.equal(squeezed(text));
        for (const line of lines) {
          expect(lengthOf(line)).to.be.within(1, width);
          expect(line).to.equal(line.trim());
        }
      }),
    );
  });

  it('adds no white space within a word', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', '/', ':', 'bc', '👍'), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 15 }),
        (parts, width) => {
          expect(wrap(parts.join(''), width).join('')).to.equal(parts.join(''));
        },
      ),
    );
  });
});

describe('jsonText', () => {
  it('writes JSON in one line with room to breathe', () => {
    expect(jsonText({ a: [1, 'x\n  ]'], b: {}, c: [] })).to.equal('{"a": [1, "x\\n  ]"], "b": {}, "c": []}');
    expect(jsonText(undefined)).to.equal('');
  });

  it('writes what it was given', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), (value) => {
        const text = jsonText(value);
        if (!text.endsWith('…')) expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('ends at its limit, not within a pair', () => {
    expect(jsonText('x'.repeat(238))).to.equal(`"${'x'.repeat(238)}"`);
    expect(jsonText('x'.repeat(239))).to.equal(`"${'x'.repeat(239)}…`);
    expect(jsonText(`${'x'.repeat(238)}👍`)).to.equal(`"${'x'.repeat(238)}…`);
  });
});

describe('callText', () => {
  it('writes a call as a programmer would', () => {
    expect(callText('look', {})).to.equal('look()');
    expect(callText('look', undefined)).to.equal('look()');
    expect(callText('look', { at: 'door', 'how often': 2, _x: null })).to.equal('look(at: "door", "how often": 2, _x: null)');
    expect(callText('look', [1])).to.equal('look([1])');
    expect(callText('look', { at: 'x'.repeat(300) })).to.equal(`look({"at": "${'x'.repeat(232)}…)`);
  });
});

describe('decimal', () => {
  it('has at most two decimals', () => {
    expect([3, 2.5, 0.1 + 0.2, -0.001, 1 / 3].map(decimal)).to.deep.equal(['3', '2.5', '0.3', '0', '0.33']);
  });
});

describe('change', () => {
  it('has a sign', () => {
    expect([1.5, -1.5, 0, -0.001].map(change)).to.deep.equal(['+1.5', '-1.5', '±0', '±0']);
  });
});

describe('bar', () => {
  it('shows Φ from 0 to 10, whatever it is given', () => {
    expect([0, 4, 10, 11, -1, Number.NaN].map((phi) => bar(phi, 5))).to.deep.equal(['░░░░░', '██░░░', '█████', '█████', '░░░░░', '░░░░░']);
  });
});
