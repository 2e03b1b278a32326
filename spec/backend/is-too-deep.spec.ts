import { expect } from 'chai';
import * as fc from 'fast-check';
import { isTooDeep } from '../../lib/backend/is-too-deep.js';

const lists = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** As deep as it goes, by counting. */
const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

describe('isTooDeep', () => {
  it('knows what is nested deeper than JSON of ours may be', () => {
    expect(isTooDeep(` ${lists(500)}${' '.repeat(100)}`)).to.equal(false);
    expect(isTooDeep(`{"a": ${lists(501)}, "b": "${'x'.repeat(100)}"}`)).to.equal(true);
  });

  it('knows it before the end has come', () => {
    expect(isTooDeep('['.repeat(2000))).to.equal(true);
    expect(isTooDeep('{"a":'.repeat(2000))).to.equal(true);
  });

  it('does not count what is no bracket', () => {
    expect(isTooDeep(`["${'['.repeat(2000)}"]`)).to.equal(false);
    expect(isTooDeep(`[${'"\\"[",'.repeat(2000)}1]`)).to.equal(false);
    expect(isTooDeep('words and nothing else '.repeat(100))).to.equal(false);
    expect(isTooDeep(`[${'[],'.repeat(2000)}1]`)).to.equal(false);
  });

  it('lets pass all JSON that is as deep as it may be', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.integer({ min: 0, max: 600 }), (value, more) => {
        const text = `${'[['.repeat(more / 2)}${JSON.stringify(value)}${']]'.repeat(more / 2)}`;
        const depth = 2 * Math.floor(more / 2) + depthOf(value);
        if (depth <= 500) expect(isTooDeep(text)).to.equal(false);
        else if (text.length > 1024) expect(isTooDeep(text)).to.equal(true);
      }),
    );
  });
});
