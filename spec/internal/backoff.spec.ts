import { expect } from 'chai';
import * as fc from 'fast-check';
import { createBackoff } from '../../lib/internal/backoff.js';

const waits = { delay: 100, maxDelay: 1000, maxWait: 10_000, random: () => 0.5 };

/** What a row of attempts waits, each for at least so long. */
const rowOf = (config: Partial<typeof waits>, ...least: readonly number[]): readonly (number | undefined)[] => {
  const next = createBackoff({ ...waits, ...config });
  return least.map((each) => next(each));
};

describe('createBackoff', () => {
  it('doubles the bound up to its limit', () => {
    expect(rowOf({}, 0, 0, 0, 0, 0, 0)).to.deep.equal([50, 100, 200, 400, 500, 500]);
  });

  it('counts for each row by itself', () => {
    expect(rowOf({}, 0)).to.deep.equal(rowOf({}, 0));
  });

  it('adds to the least wait', () => {
    expect(rowOf({}, 30, 0, 7)).to.deep.equal([80, 100, 207]);
  });

  it('cuts a wait to what is left, and gives none where nothing is left', () => {
    expect(rowOf({ maxWait: 120 }, 0, 0, 0, 0)).to.deep.equal([50, 70, undefined, undefined]);
  });

  it('gives none where less is left than the least wait, and counts that for nothing', () => {
    expect(rowOf({ maxWait: 120 }, 121, 120, 0)).to.deep.equal([undefined, 120, undefined]);
  });

  it('waits for nothing where it is to, however often', () => {
    expect(rowOf({ delay: 0, maxWait: 0 }, ...Array.from({ length: 2000 }, () => 0)).every((wait) => wait === 0)).to.equal(true);
  });

  it('gives whole milliseconds between the least wait and the bound above it, and no more than there is', () => {
    const time = fc.integer({ min: 0, max: 5000 });
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(time, time, time, chance, fc.array(time, { maxLength: 9 }), (delay, maxDelay, maxWait, random, least) => {
        const given = rowOf({ delay, maxDelay, maxWait, random: () => random }, ...least);
        expect(given.reduce<number>((sum, wait) => sum + (wait ?? 0), 0)).to.be.at.most(maxWait);
        for (const [index, wait] of given.entries()) {
          if (wait === undefined) continue;
          expect(Number.isInteger(wait)).to.equal(true);
          expect(wait).to.be.within(least[index] ?? 0, (least[index] ?? 0) + Math.min(maxDelay, delay * 2 ** index));
        }
      }),
    );
  });
});
