import { expect } from 'chai';
import { materialize, Observable, of, Subject, take, type MonoTypeOperatorFunction, type ObservableNotification } from 'rxjs';
import { marbles } from './marbles.js';

/** Everything that a subscriber of `source` was told up to now, its end included. */
const record = <T>(source: Observable<T>): readonly ObservableNotification<T>[] => {
  const seen: ObservableNotification<T>[] = [];
  source.pipe(materialize()).subscribe((notification) => seen.push(notification));
  return seen;
};

/**
 * Adds the cases every pass-through operator must satisfy, whatever it does to values.
 *
 * @param make - Makes the operator, set up so that it lets `sample` through at once.
 * @param sample - A value that may come first.
 */
export function itObeysTheOperatorLaws<T>(make: () => MonoTypeOperatorFunction<T>, sample: T): void {
  describe('operator laws', () => {
    const values: Record<string, T> = { a: sample };

    it(
      'mirrors an empty source',
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold<T>('|');

        expectObservable(source.pipe(make())).toBe('|');
        expectSubscriptions(source.subscriptions).toBe('(^!)');
      }),
    );

    it(
      'mirrors a source that never emits',
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold<T>('-');

        expectObservable(source.pipe(make()), '^---!').toBe('-');
        expectSubscriptions(source.subscriptions).toBe('^---!');
      }),
    );

    it(
      'forwards an error of the source',
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold<T>('--#');

        expectObservable(source.pipe(make())).toBe('--#');
        expectSubscriptions(source.subscriptions).toBe('^-!');
      }),
    );

    it(
      'lets a value through at once',
      marbles(({ hot, expectObservable, expectSubscriptions }) => {
        const source = hot<T>('-a---', values);
        const unsubscribed = '  ^---!';
        const expected = '      -a---';

        expectObservable(source.pipe(make()), unsubscribed).toBe(expected, values);
        expectSubscriptions(source.subscriptions).toBe('^---!');
      }),
    );

    it(
      'unsubscribes from the source when it is unsubscribed',
      marbles(({ hot, expectObservable, expectSubscriptions }) => {
        const source = hot<T>('---a---|', values);
        const unsubscribed = '  ^-!     ';

        expectObservable(source.pipe(make()), unsubscribed).toBe('-');
        expectSubscriptions(source.subscriptions).toBe(unsubscribed.trim());
      }),
    );

    it('does nothing before it is subscribed', () => {
      let subscriptions = 0;
      const source = new Observable<T>(() => {
        subscriptions += 1;
      });
      const result = source.pipe(make());
      expect(subscriptions).to.equal(0);
      result.subscribe().unsubscribe();
      expect(subscriptions).to.equal(1);
    });

    it('stops a synchronous source as soon as it is unsubscribed', () => {
      let produced = 0;
      const firehose = new Observable<T>((subscriber) => {
        for (let index = 0; index < 1000 && !subscriber.closed; index += 1) {
          produced += 1;
          subscriber.next(sample);
        }
        subscriber.complete();
      });
      firehose.pipe(make(), take(1)).subscribe();
      expect(produced).to.equal(1);
    });

    it('keeps the state of two subscribers apart', () => {
      const source = new Subject<T>();
      const result = source.pipe(make());
      const [one, other] = [record(result), record(result)];
      source.next(sample);
      source.complete();
      expect(one[0]).to.deep.include({ kind: 'N', value: sample });
      expect(other).to.deep.equal(one);
    });

    it('can be applied to two sources', () => {
      const operator = make();
      const [one, other] = [record(of(sample).pipe(operator)), record(of(sample).pipe(operator))];
      expect(one[0]).to.deep.include({ kind: 'N', value: sample });
      expect(other).to.deep.equal(one);
    });
  });
}
