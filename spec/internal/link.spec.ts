import { expect } from 'chai';
import { of, Subject } from 'rxjs';
import { link } from '../../lib/internal/link.js';
import { itObeysTheOperatorLaws } from '../../lib/testing/laws/operator-laws.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const mirror = <T>() => link<T, T>((subscriber) => ({ next: (value) => subscriber.next(value) }));

describe('link', () => {
  itObeysTheOperatorLaws({ describe, it }, { make: () => mirror<string>(), sample: 'a', samples: ['a', 'b', 'a'] });

  it('leaves it to the handlers what becomes of the end and of an error', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const going = link<string, string>((subscriber) => ({
        next: (value) => subscriber.next(value),
        complete: () => cold('-c|').subscribe(subscriber),
        error: () => subscriber.complete(),
      }));
      expectObservable(cold('-a-|').pipe(going)).toBe('-a--c|');
      expectObservable(cold('-a-#').pipe(going)).toBe('-a-|');
    }));

  it('hears of a completion when the source has been released', () => {
    const source = new Subject<string>();
    let wasObserved: boolean | undefined;
    source
      .pipe(
        link<string, string>(() => ({
          next: () => undefined,
          complete: () => {
            wasObserved = source.observed;
          },
        })),
      )
      .subscribe();
    source.complete();
    expect(wasObserved).to.equal(false);
  });

  it('calls the handlers of an object as its methods, and makes one for each subscription', () => {
    class Counter {
      #seen = 0;
      readonly #subscriber: Pick<Subject<number>, 'next'>;

      constructor(subscriber: Pick<Subject<number>, 'next'>) {
        this.#subscriber = subscriber;
      }

      next(): void {
        this.#seen += 1;
        this.#subscriber.next(this.#seen);
      }
    }
    const seen: number[] = [];
    const counted$ = of('a', 'b').pipe(link<string, number>((subscriber) => new Counter(subscriber)));
    counted$.subscribe((count) => seen.push(count));
    counted$.subscribe((count) => seen.push(count));
    expect(seen).to.deep.equal([1, 2, 1, 2]);
  });
});
