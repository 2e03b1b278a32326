import { expect } from 'chai';
import * as fc from 'fast-check';
import { isLeft, right } from 'fp-ts/lib/Either.js';
import { toJson } from '../../lib/domain/json.js';
import { cappedJson, cappedText } from '../../lib/environment/capped-json.js';

const NOTE = /… \[cut off: (\d+) of (\d+) characters are missing\]$/;

const lengthOf = (value: unknown): number => JSON.stringify(value).length;

/** Texts of every kind of character, long enough to be cut. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', '"', '\\', '\n', '\u0001', '😀', 'é', '\u2028'),
    fc.integer({ min: 0, max: 0xff_ff }).map((code) => String.fromCharCode(code)),
  ),
  maxLength: 400,
  size: 'max',
});

describe('cappedText', () => {
  it('leaves what fits as it is, whatever it takes in JSON', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const most = Math.max(100, lengthOf(text));
        expect(cappedText(text, most)).to.equal(text);
      }),
    );
  });

  it('cuts what does not fit at a whole character, and says how much is missing', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 100, max: 300 }), (text, most) => {
        const cut = cappedText(text, most);
        expect(lengthOf(cut)).to.be.at.most(most);
        if (lengthOf(text) <= most) {
          expect(cut).to.equal(text);
          return;
        }
        const [note, missing, whole] = NOTE.exec(cut) ?? ['', 'no note', ''];
        const kept = cut.slice(0, cut.length - note.length);
        expect(text.startsWith(kept)).to.equal(true);
        expect([Number(missing), Number(whole)]).to.deep.equal([text.length - kept.length, text.length]);
        // Only of a pair may a half not be left behind.
        expect(/[\ud800-\udbff]$/.test(kept) && /^[\udc00-\udfff]/.test(text.slice(kept.length))).to.equal(false);
        // No character more would have fitted; the note is made for the longest number that it may hold.
        const [next = ''] = text.slice(kept.length);
        expect(lengthOf(kept + next) + noteLength(text)).to.be.above(most);
      }),
      { numRuns: 500 },
    );
  });

  it('cuts 50 million characters without writing them', () => {
    const cut = cappedText('\n'.repeat(50_000_000), 1_000);
    expect(lengthOf(cut)).to.be.within(990, 1_000);
  });
});

const noteLength = (text: string): number => `… [cut off: ${text.length} of ${text.length} characters are missing]`.length;

describe('cappedJson', () => {
  it('hands on what fits as toJson makes it', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withBigInt: true }), (value) => {
        const json = toJson(value);
        const most = isLeft(json) ? 100 : Math.max(100, lengthOf(json.right));
        expect(cappedJson(value, most)).to.deep.equal(json);
      }),
    );
  });

  it('makes a text of what does not fit, and cuts it', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 20 }), (value) => {
        const capped = cappedJson(value, 100);
        const text = JSON.stringify(value);
        if (text.length <= 100) expect(capped).to.deep.equal(right(value));
        else expect(capped).to.deep.equal(right(cappedText(text, 100)));
        expect(lengthOf(isLeft(capped) ? '' : capped.right)).to.be.at.most(100);
      }),
    );
  });

  it('counts keys and what is nested', () => {
    const value = { ['k'.repeat(60)]: [{ ['l'.repeat(60)]: 1 }] };
    expect(cappedJson(value, 1_000)).to.deep.equal(right(value));
    expect(cappedJson(value, lengthOf(value))).to.deep.equal(right(value));
    expect(cappedJson(value, lengthOf(value) - 1)).to.deep.equal(right(cappedText(JSON.stringify(value), lengthOf(value) - 1)));
  });

  it('refuses what is nested 100,000 levels deep without overflowing the stack', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(cappedJson(deep, 100_000)).to.deep.equal({ _tag: 'Left', left: 'the value is nested deeper than 500 levels' });
  });
});
