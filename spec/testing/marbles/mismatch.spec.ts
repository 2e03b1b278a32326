import { expect } from 'chai';
import * as fc from 'fast-check';
import { readMarbles } from '../../../lib/internal/script-marbles.js';
import { drawMarbles } from '../../../lib/testing/marbles/draw-marbles.js';
import { describeMismatch } from '../../../lib/testing/marbles/mismatch.js';
import type { Mark } from '../../../lib/testing/marbles/mark.js';
import { failureOf } from '../../support/failure-of.js';

const marksOf = (marbles: string): readonly Mark[] => readMarbles(marbles).map(({ at, character }) => ({ frame: at, letter: character }));

/** Two diagrams under each other, and the mark. */
const headOf = (expected: string, actual: string): string | undefined =>
  describeMismatch({
    what: 'It',
    expected: marksOf(expected),
    actual: marksOf(actual),
    differ: (one, other) => (one.letter === other.letter ? undefined : ''),
    explain: ({ letter }) => letter.toUpperCase(),
  });

describe('the page of a failed expectation', () => {
  it('shows both diagrams under each other, the first difference, the event at it in full, and what letters stand for', () => {
    const page = failureOf(({ run, actor, expectRun }) => {
      expectRun(run({ actor: actor('--t--t-(d|)', { t: 'Hm' }) })).toBe('(Ssz)-t-(dE|)', { z: { type: 'token', step: 1 }, t: 'Hm' });
    });
    expect(page).to.equal(`The run is not what was expected.

expected  (Ssz)-t-(dE|)
actual    (Ss) @2ms z--t-(adE|)
             ^
First difference: z (token with {"step":1}) was expected at 0 ms, but came only at 2 ms.

What came, at 2 ms, in full:
{
  "type": "token",
  "runId": "run-1",
  "seq": 2,
  "step": 1,
  "timestamp": 2,
  "data": {
    "token": "Hm",
    "source": "actor",
    "channel": "thought",
    "attempt": 1
  }
}

Letters: S task_start, s step_start, z token with {"step":1}, t token with {"data":{"token":"Hm"}}, a action, d done, E task_end.`);
  });

  for (const [what, expected, actual, page] of [
    [
      'something too early',
      '--a---b|',
      '--a--b-|',
      ['--a---b|', '--a--b-|', '     ^', 'b (B) was expected at 6 ms, but came already at 5 ms.'],
    ],
    ['something too late', '-a|', '---a|', ['-a|', '---a|', ' ^', 'a (A) was expected at 1 ms, but came only at 3 ms.']],
    ['something else', '-(ab)', '-(ac)', ['-(ab)', '-(ac)', '   ^', 'b (B) was expected at 1 ms, but c (C) came at 1 ms.']],
    ['too much', '-a', '-a-b', ['-a', '-a-b', '   ^', 'nothing more was expected, but b (B) came at 3 ms.']],
    ['too little', '-a-b', '-a', ['-a-b', '-a', '   ^', 'b (B) was expected at 3 ms, but nothing more came.']],
    ['nothing at all', '-a', '', ['-a', '', ' ^', 'a (A) was expected at 1 ms, but nothing more came.']],
    ['an end in place of an error', '-#', '-|', ['-#', '-|', ' ^', '# (#) was expected at 1 ms, but | (|) came at 1 ms.']],
  ] as const) {
    it(`marks ${what}`, () => {
      const [first, second, marker, because] = page;
      const lines = headOf(expected, actual)?.split('\n');
      expect(lines?.slice(0, 6)).to.deep.equal([
        'It is not what was expected.',
        '',
        `expected  ${first}`,
        `actual    ${second}`,
        `          ${marker}`,
        `First difference: ${because}`,
      ]);
    });
  }

  it('is not there where there is no difference', () => {
    expect(headOf('-a 20ms (bc|)', '-a 20ms (bc|)')).to.equal(undefined);
  });

  it('says what of an event is different', () => {
    const page = failureOf(({ run, actor, expectRun }) => {
      expectRun(run({ actor: actor('--(d|)') })).toBe('(Ss) @2ms (adE|)', { E: { data: { stopReason: 'failed' } } });
    });
    expect(page).to.contain('Of the event /data/stopReason: expected "failed", got "done".');
    expect(page).to.contain('What came, at 2 ms, in full:\n{\n  "type": "task_end",');
    expect(page).to.match(/E task_end with \{"data":\{"stopReason":"failed"\}\}\.$/);
  });

  it('draws what letters have another meaning for with a letter of its own', () => {
    const page = failureOf(({ run, actor, expectTokens, expectRun }) => {
      const watched = run({ actor: actor('-t-(ta|)', { t: 'Hm' }), maxSteps: 1 });
      expectTokens(watched).toBe('-a|', { a: 'Hn' });
      expectRun(watched).toBe('(Ss) @1ms t', { t: 'Hn' });
    });
    expect(page).to.contain('expected  -a|\nactual    -b-(b|)\n           ^\n');
    expect(page).to.contain('a ("Hn") was expected at 1 ms, but b ("Hm") came at 1 ms. Of the value expected "Hn", got "Hm".');
    expect(page).to.contain('Letters: b "Hm", a "Hn".');
    expect(page).to.contain('Of the event /data/token: expected "Hn", got "Hm".');
  });

  it('gives no letter that was expected to what it does not stand for', () => {
    const page = failureOf(({ run, actor, expectTokens }) => {
      expectTokens(run({ actor: actor('-t-(ta|)', { t: 'Hm' }), maxSteps: 1 })).toBe('-a-(a|)');
    });
    expect(page).to.contain('expected  -a-(a|)\nactual    -b-(b|)\n');
  });

  it('can be copied from: every row reads as what it draws', () => {
    const letters = fc.array(
      fc.record({ frame: fc.oneof(fc.nat(12), fc.nat(2000)), letter: fc.constantFrom('a', 'b', 'c', 'X', 'Y', 'Z') }),
      {
        maxLength: 12,
      },
    );
    const sorted = letters.map((marks) => marks.toSorted((one, other) => one.frame - other.frame));
    fc.assert(
      fc.property(sorted, sorted, (one, other) => {
        const { rows, columnOf } = drawMarbles([one, other]);
        expect(rows.map(marksOf)).to.deep.equal([one, other]);
        [one, other].forEach((marks, row) => {
          expect(marks.map((_, index) => rows[row]?.charAt(columnOf(row, index)))).to.deep.equal(marks.map(({ letter }) => letter));
        });
        // One time, one column: of what begins at the same time, the groups begin under each other.
        const starts = (marks: readonly Mark[], row: number) =>
          new Map(marks.toReversed().map(({ frame }, index) => [frame, columnOf(row, marks.length - 1 - index)]));
        const [first, second] = [starts(one, 0), starts(other, 1)];
        for (const [frame, column] of first) {
          const isGroup = (marks: readonly Mark[]): boolean => marks.filter((mark) => mark.frame === frame).length > 1;
          const inner = Number(isGroup(one)) - Number(isGroup(other));
          if (second.has(frame)) expect(second.get(frame)).to.equal(column - inner);
        }
      }),
    );
  });
});
