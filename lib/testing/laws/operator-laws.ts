import { Observable, of, Subject, type MonoTypeOperatorFunction } from 'rxjs';
import { firstDifference } from '../marbles/difference.js';
import { afterEnd, endOf, tellHeard, valuesOf, type Heard } from './heard.js';
import { lawsFor, type AddLaw, type Demand } from './law.js';
import { ProbeSubscriber } from './probe-subscriber.js';
import type { TestRunner } from './test-runner.js';
import { hearInVirtualTime, inVirtualTime } from './virtual-law.js';

/** What {@link itObeysTheOperatorLaws} is given. */
export interface OperatorLawsConfig<T> {
  /** Makes the operator, set up so that it lets `sample` through at once. */
  readonly make: () => MonoTypeOperatorFunction<T>;
  /** A value that may come first. */
  readonly sample: T;
}

/** A firehose ends at some point, so that an operator that does not stop it fails and does not hang. */
const FIREHOSE = 1000;

/** Everything that a subscriber of `source` is told, its end included. The list grows. */
const listen = <T>(source: Observable<T>): Heard<T> => {
  const probe = new ProbeSubscriber<T>();
  source.subscribe(probe);
  return probe.heard;
};

/**
 * Adds the cases that every pass-through operator has to satisfy, whatever it does to values: it mirrors a source that
 * is empty, silent or fails, lets a value through at once, leaves its source when it is left, a synchronous one in the
 * middle of its burst included, does nothing before it is subscribed, keeps two subscribers and two sources apart, and
 * says nothing after its end.
 *
 * ```text
 * source   -a---|            source   --#
 * result   -a---|            result   --#
 * ```
 *
 * The cases run in virtual time and with no assertion library. A law that is broken fails with an `ExpectationError`
 * that says which one it is, what was expected and what was seen.
 *
 * ```ts
 * // mocha, jest, and vitest with globals: describe and it are there. Otherwise it is one of these:
 * // import { describe, it } from 'vitest';
 * // import { describe, it } from 'node:test';
 * describe('skipRepeats', () => {
 *   itObeysTheOperatorLaws({ describe, it }, { make: () => skipRepeats<string>(), sample: 'a' });
 * });
 * ```
 *
 * @param runner - The `describe` and `it` of the test runner.
 */
export function itObeysTheOperatorLaws<T>(runner: TestRunner, config: OperatorLawsConfig<T>): void {
  runner.describe('operator laws', () => {
    const law = lawsFor(runner, 'operator');
    addMirroring(law, config);
    addSubscribing(law, config);
    addKeepingApart(law, config);
    addEnding(law, config);
  });
}

/** What the result is while the source is plain. */
function addMirroring<T>(law: AddLaw, { make, sample }: OperatorLawsConfig<T>): void {
  const values: Record<string, T> = { a: sample };

  law(
    'mirrors an empty source',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<T>('|');

      expectObservable(source.pipe(make())).toBe('|');
      expectSubscriptions(source.subscriptions).toBe('(^!)');
    }),
  );

  law(
    'mirrors a source that never emits',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<T>('-');

      expectObservable(source.pipe(make()), '^---!').toBe('-');
      expectSubscriptions(source.subscriptions).toBe('^---!');
    }),
  );

  law(
    'forwards an error of the source',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<T>('--#');

      expectObservable(source.pipe(make())).toBe('--#');
      expectSubscriptions(source.subscriptions).toBe('^-!');
    }),
  );

  law(
    'lets a value through at once',
    inVirtualTime(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot<T>('-a---', values);
      const unsubscribed = '  ^---!';
      const expected = '      -a---';

      expectObservable(source.pipe(make()), unsubscribed).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe('^---!');
    }),
  );

  law(
    'unsubscribes from the source when it is unsubscribed',
    inVirtualTime(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot<T>('---a---|', values);
      const unsubscribed = '  ^-!     ';

      expectObservable(source.pipe(make()), unsubscribed).toBe('-');
      expectSubscriptions(source.subscriptions).toBe(unsubscribed.trim());
    }),
  );
}

/** When the source is subscribed, and left. */
function addSubscribing<T>(law: AddLaw, { make, sample }: OperatorLawsConfig<T>): void {
  law('does nothing before it is subscribed', (demand) => {
    let subscriptions = 0;
    const source = new Observable<T>(() => {
      subscriptions += 1;
    });
    const result = source.pipe(make());
    demand(subscriptions === 0, 'no subscription to the source before there is a subscriber', `${subscriptions}`);
    const probe = new ProbeSubscriber<T>();
    result.subscribe(probe);
    probe.unsubscribe();
    demand(subscriptions === 1, 'one subscription to the source for one subscriber', `${subscriptions}`);
    return undefined;
  });

  law('stops a synchronous source as soon as it is unsubscribed', (demand) => {
    let produced = 0;
    const firehose = new Observable<T>((subscriber) => {
      for (; produced < FIREHOSE && !subscriber.closed; subscriber.next(sample)) produced += 1;
      subscriber.complete();
    });
    firehose.pipe(make()).subscribe(new ProbeSubscriber<T>(1));
    demand(produced === 1, 'one value drawn from the source for a subscriber that leaves after the first', `${produced}`);
    return undefined;
  });
}

/** Whose state it is. */
function addKeepingApart<T>(law: AddLaw, { make, sample }: OperatorLawsConfig<T>): void {
  /** Each was told the same, and the sample first. */
  const demandSampleFirst = (demand: Demand, [one = [], ...others]: readonly Heard<T>[]): void => {
    for (const each of [one, ...others]) {
      demand(firstDifference([{ kind: 'N', value: sample }], each.slice(0, 1)) === undefined, 'the sample first', tellHeard(each));
    }
    for (const other of others) {
      demand(firstDifference(one, other) === undefined, `the same for both: ${tellHeard(one)}`, tellHeard(other));
    }
  };

  law('keeps the state of two subscribers apart', (demand) => {
    const source = new Subject<T>();
    const result = source.pipe(make());
    const both = [listen(result), listen(result)];
    source.next(sample);
    source.complete();
    demandSampleFirst(demand, both);
    return undefined;
  });

  law('goes on for one subscriber when another one leaves', (demand) => {
    const source = new Subject<T>();
    const result = source.pipe(make());
    const leaving = result.subscribe(new ProbeSubscriber<T>());
    const staying = listen(result);
    leaving.unsubscribe();
    source.next(sample);
    demandSampleFirst(demand, [staying]);
    return undefined;
  });

  law('can be applied to two sources', (demand) => {
    const operator = make();
    demandSampleFirst(demand, [listen(of(sample).pipe(operator)), listen(of(sample).pipe(operator))]);
    return undefined;
  });
}

/** What comes when nothing may come. */
function addEnding<T>(law: AddLaw, { make, sample }: OperatorLawsConfig<T>): void {
  const values: Record<string, T> = { a: sample };

  for (const [what, end, kind] of [
    ['the end', '|', 'C'],
    ['an error', '#', 'E'],
  ] as const) {
    law(`says nothing more after ${what} of the source`, (demand) => {
      const heard = hearInVirtualTime(demand, ({ cold }) => cold<T>(`a${end}`, values).pipe(make()));
      demand(endOf(heard) !== undefined, 'an end', tellHeard(heard));
      const isMirrored = endOf(heard)?.kind === kind;
      // One that ends otherwise than its source may be told of the source's end while it does: RxJS drops that.
      const late = isMirrored ? afterEnd(heard) : afterEnd(heard).filter((each) => each.kind === 'N');
      demand(late.length === 0, 'nothing after the end', tellHeard(late));
      return undefined;
    });
  }

  law('says nothing more once it is unsubscribed', (demand) => {
    const heard = hearInVirtualTime(demand, ({ hot }) => hot<T>('-a-a-a-|', values).pipe(make()), 1);
    const late = valuesOf(heard).slice(1);
    demand(late.length === 0, 'no value after the one at which its subscriber left', `${late.length}`);
    return undefined;
  });
}
