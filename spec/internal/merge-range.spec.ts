import { expect } from 'chai';
import { EMPTY, finalize, map, NEVER, Observable, of, Subject, Subscriber, timer } from 'rxjs';
import { mergeRange } from '../../lib/internal/merge-range.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { firehose, hearNow, spoken } from '../support/hear-now.js';

const ignore = (): void => undefined;

const fail = (): never => {
  throw new Error('not made');
};

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

  for (const concurrency of [1, 2]) {
    it(`stops a source that emits for ever as soon as it is left, ${concurrency} at a time, and makes no more`, () => {
      const { source, emitted } = firehose();
      let made = 0;
      const merged = mergeRange(5, concurrency, () => {
        made += 1;
        return source;
      });
      expect(hearNow(merged, 3)).to.deep.equal([1, 2, 3]);
      expect([emitted(), made]).to.deep.equal([3, 1]);
    });
  }

  it('does not subscribe what was made for who left meanwhile', () => {
    let asked = 0;
    const source = new Observable<string>(() => void (asked += 1));
    const merged = new Observable<string>((subscriber) => {
      mergeRange(2, 1, () => {
        subscriber.unsubscribe();
        return source;
      }).subscribe(subscriber);
    });
    expect(hearNow(merged)).to.deep.equal([]);
    expect(asked).to.equal(0);
  });

  it('makes what project throws the error, first or later, and lets the others go', () => {
    expect(hearNow(mergeRange(2, 2, fail))).to.deep.equal(['# not made']);

    const [first, second] = [new Subject<string>(), new Subject<string>()];
    const heard = hearNow(mergeRange(3, 2, (index) => [first, second][index - 1] ?? fail()));
    first.complete();
    expect(heard).to.deep.equal(['# not made']);
    expect(second.observed).to.equal(false);
  });

  it('has let a source go before it makes the next one', () => {
    const { source, speaker, isHeld } = spoken<string>();
    const held: boolean[] = [];
    hearNow(
      mergeRange(2, 1, (index) => {
        held.push(isHeld());
        return index === 1 ? source : EMPTY;
      }),
    );
    speaker().complete();
    expect(held).to.deep.equal([false, false]);
  });

  it('holds nothing of the sources that are over, however many there were', () => {
    const subscriber = new Subscriber<number>({ next: ignore, error: ignore, complete: ignore });
    let most = 0;
    const size = (): number => (Reflect.get(subscriber, '_finalizers') as readonly unknown[] | null)?.length ?? 0;
    mergeRange(100_000, 1, (index) => {
      most = Math.max(most, size());
      return index < 100_000 ? of(index) : NEVER;
    }).subscribe(subscriber);
    expect(most).to.be.at.most(2);
    expect(size()).to.be.at.most(2);
    subscriber.unsubscribe();
  });

  it('starts anew for each subscriber', () =>
    agentMarbles(({ expectObservable }) => {
      const merged$ = mergeRange(2, 2, (index) => timer(index).pipe(map(() => String(index))));
      expectObservable(merged$).toBe('-1(2|)');
      expectObservable(merged$, '--^').toBe('---1(2|)');
    }));

  it('goes on after a source that has completed and cannot be let go', () => {
    const source = new Subject<string>();
    const stuck = source.pipe(
      finalize(() => {
        throw new Error('cannot let go');
      }),
    );
    const heard = hearNow(mergeRange(2, 1, (index) => (index === 1 ? stuck : of('b'))));
    expect(() => {
      source.complete();
    }).to.throw('cannot let go');
    expect(heard).to.deep.equal(['b', '|']);
  });
});
