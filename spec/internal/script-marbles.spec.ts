import { expect } from 'chai';
import * as fc from 'fast-check';
import { TestScheduler } from 'rxjs/testing';
import { parseScriptMarbles } from '../../lib/internal/script-marbles.js';
import { ScriptError } from '../../lib/errors/script-error.js';

/** What RxJS makes of a diagram, in the same form. */
const byRxjs = (diagram: string): unknown =>
  TestScheduler.parseMarbles(diagram, undefined, undefined, false, true).map(({ frame, notification }) => ({
    at: frame,
    event: notification.kind === 'N' ? { letter: notification.value } : notification.kind === 'C' ? 'complete' : 'error',
  }));

/** RxJS counts ten a frame outside `run`. */
const inFrames = (read: () => unknown): unknown => {
  const { frameTimeFactor } = TestScheduler;
  TestScheduler.frameTimeFactor = 1;
  try {
    return read();
  } finally {
    TestScheduler.frameTimeFactor = frameTimeFactor;
  }
};

describe('parseScriptMarbles', () => {
  it('reads letters, groups, times and ends', () => {
    expect(parseScriptMarbles('-a 20ms (bc)-|')).to.deep.equal([
      { at: 1, event: { letter: 'a' } },
      { at: 22, event: { letter: 'b' } },
      { at: 22, event: { letter: 'c' } },
      { at: 27, event: 'complete' },
    ]);
    expect(parseScriptMarbles('--#')).to.deep.equal([{ at: 2, event: 'error' }]);
  });

  it('reads as RxJS reads', () => {
    const part = fc.constantFrom('-', '--', 'a', 'b', '1', '😀', ' ', '(ab)', '(a|)', ' 10ms ', ' 1.5s ', ' 2m ', '10ms', '|', '#', '5');
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const diagram = `${parts.join('')}-`;
        expect(parseScriptMarbles(diagram)).to.deep.equal(inFrames(() => byRxjs(diagram)));
      }),
      { numRuns: 1000 },
    );
  });

  it('goes on at a time that is given', () => {
    expect(parseScriptMarbles('(abc) @2ms d-e @1s |')).to.deep.equal([
      { at: 0, event: { letter: 'a' } },
      { at: 0, event: { letter: 'b' } },
      { at: 0, event: { letter: 'c' } },
      { at: 2, event: { letter: 'd' } },
      { at: 4, event: { letter: 'e' } },
      { at: 1000, event: 'complete' },
    ]);
    expect(parseScriptMarbles('-@-')).to.deep.equal([{ at: 1, event: { letter: '@' } }]);
  });

  for (const diagram of ['----a @3ms b', '-(a', 'a)', '((a))', '-^-a', 'a!']) {
    it(`refuses ${diagram}`, () => {
      expect(() => parseScriptMarbles(diagram)).to.throw(ScriptError);
    });
  }
});
