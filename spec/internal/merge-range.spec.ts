import { expect } from 'chai';
import { EMPTY, NEVER, of, Subject, timer, map, type Observable } from 'rxjs';
import { mergeRange } from '../../lib/internal/merge-range.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

describe('mergeRange', () => {
  it('runs as many at a time as it may, each when there is room for it', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const sources = [cold('-a---|'), cold('--b|'), cold('  -c|')];
      const subscriptions = ['      ^----!', '     ^--!', '       ---^-!'];
      const expected = '            -ab-c|';

      expectObservable(mergeRange(3, 2, (index) => sources[index - 1] ?? EMPTY)).toBe(expected);
      sources.forEach((source, index) => {
        expectSubscriptions(source.subscriptions).toBe(subscriptions[index] ?? '');
      });
    }));

  it('ends with the first error and lets the others go', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const slow = cold('-----a|');
      const sources = [slow, cold('--#')];
      expectObservable(mergeRange(2, 2, (index) => sources[index - 1] ?? EMPTY)).toBe('--#');
      expectSubscriptions(slow.subscriptions).toBe('^-!');
    }));

  it('lets all of them go when it is unsubscribed, and makes no more', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-a-a|');
      const unsubscribed = '^--!';
      expectObservable(
        mergeRange(5, 2, () => source),
        unsubscribed,
      ).toBe('-(aa)');
      expectSubscriptions(source.subscriptions).toBe([unsubscribed, unsubscribed]);
    }));

  for (const concurrency of [1, 4]) {
    it(`takes 100,000 synchronous sources behind slow ones without overflowing the stack, ${concurrency} at a time`, () => {
      const slow$ = new Subject<never>();
      let seen = 0;
      let isComplete = false;
      mergeRange(100_000, concurrency, (index): Observable<number> => (index <= concurrency ? slow$ : of(index))).subscribe({
        next: () => (seen += 1),
        complete: () => (isComplete = true),
      });
      expect(seen).to.equal(0);
      slow$.complete();
      expect([seen, isComplete]).to.deep.equal([100_000 - concurrency, true]);
    });
  }

  it('is empty for a count of 0, and never ends where one does not', () => {
    const ended: string[] = [];
    mergeRange(0, 2, () => NEVER).subscribe({ complete: () => ended.push('none') });
    mergeRange(2, 2, (index) => (index === 1 ? NEVER : EMPTY)).subscribe({ complete: () => ended.push('one') });
    expect(ended).to.deep.equal(['none']);
  });

  it('starts anew for each subscriber', () =>
    agentMarbles(({ expectObservable }) => {
      const merged$ = mergeRange(2, 2, (index) => timer(index).pipe(map(() => String(index))));
      expectObservable(merged$).toBe('-1(2|)');
      expectObservable(merged$, '--^').toBe('---1(2|)');
    }));
});
