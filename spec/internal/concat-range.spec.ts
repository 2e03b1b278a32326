import { expect } from 'chai';
import { EMPTY, NEVER, Observable, of, Subject, take } from 'rxjs';
import { concatRange } from '../../lib/internal/concat-range.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

describe('concatRange', () => {
  it('runs one after the other', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const one = cold('-a|');
      const two = cold('  -b|');
      const oneSubscribed = '  ^-!';
      const twoSubscribed = '  --^-!';
      const expected = '       -a-b|';

      expectObservable(concatRange(2, (index) => (index === 1 ? one : two))).toBe(expected);
      expectSubscriptions(one.subscriptions).toBe(oneSubscribed);
      expectSubscriptions(two.subscriptions).toBe(twoSubscribed);
    }));

  it('ends with the first error', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const third = cold('-c|');
      const sources = [cold('-a|'), cold('-#'), third];

      expectObservable(concatRange(3, (index) => sources[index - 1] ?? EMPTY)).toBe('-a-#');
      expectSubscriptions(third.subscriptions).toBe([]);
    }));

  it('unsubscribes the one that is under way and makes no more', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-a-a-a|');
      const unsubscribed = '^--!';
      expectObservable(
        concatRange(2, () => source),
        unsubscribed,
      ).toBe('-a--');
      expectSubscriptions(source.subscriptions).toBe(unsubscribed);
    }));

  it('is empty for a count of 0', () => {
    let isComplete = false;
    concatRange(0, () => NEVER).subscribe({
      complete: () => {
        isComplete = true;
      },
    });
    expect(isComplete).to.equal(true);
  });

  it('takes 100,000 synchronous steps without overflowing the stack', () => {
    let seen = 0;
    let isComplete = false;
    concatRange(100_000, (index) => of(index)).subscribe({
      next: (index) => {
        seen = index === seen + 1 ? index : Number.NaN;
      },
      complete: () => {
        isComplete = true;
      },
    });
    expect(seen).to.equal(100_000);
    expect(isComplete).to.equal(true);
  });

  it('takes 100,000 synchronous steps after one that was not', () => {
    const first$ = new Subject<never>();
    let made = 0;
    let isComplete = false;
    concatRange(100_000, (index) => {
      made = index;
      return index === 1 ? first$ : EMPTY;
    }).subscribe({
      complete: () => {
        isComplete = true;
      },
    });
    expect(made).to.equal(1);
    first$.complete();
    expect(made).to.equal(100_000);
    expect(isComplete).to.equal(true);
  });

  it('makes each only when the one before has completed', () => {
    const made: number[] = [];
    concatRange(10, (index) => {
      made.push(index);
      return index === 3 ? NEVER : of(index);
    }).subscribe();
    expect(made).to.deep.equal([1, 2, 3]);
  });

  it('stops a synchronous source as soon as it is unsubscribed', () => {
    let produced = 0;
    const firehose = new Observable<number>((subscriber) => {
      while (!subscriber.closed && produced < 1000) subscriber.next((produced += 1));
    });
    concatRange(5, () => firehose)
      .pipe(take(3))
      .subscribe();
    expect(produced).to.equal(3);
  });

  it('turns what making one throws into its error, also after an asynchronous one', () => {
    for (const before of [EMPTY, new Subject<never>()]) {
      let caught: unknown;
      concatRange(2, (index) => {
        if (index === 2) throw new Error('cannot be made');
        return before;
      }).subscribe({
        error: (error: unknown) => {
          caught = error;
        },
      });
      if (before instanceof Subject) before.complete();
      expect(caught).to.be.an('error').with.property('message', 'cannot be made');
    }
  });

  it('does not subscribe one that was made while the subscriber left', () => {
    const second$ = new Subject<number>();
    const first$ = new Subject<number>();
    const subscription = concatRange(2, (index) => {
      if (index === 1) return first$;
      subscription.unsubscribe();
      return second$;
    }).subscribe();
    first$.complete();
    expect(second$.observed).to.equal(false);
  });
});
