import { concat, NEVER, Observable } from 'rxjs';
import { afterEnd, endOf, tellHeard, valuesOf } from './heard.js';
import { lawsFor, type AddLaw } from './law.js';
import { addKeepingApart, addTimers } from './operator-state-laws.js';
import { ProbeSubscriber } from './probe-subscriber.js';
import { paced } from './operator-moments.js';
import type { OperatorLawsConfig } from './tested-operator.js';
import type { TestRunner } from './test-runner.js';
import { hearInVirtualTime, inVirtualTime } from './virtual-law.js';

export type { OperatorLawsConfig } from './tested-operator.js';

/** A firehose ends at some point, so that an operator that does not stop it fails and does not hang. */
const FIREHOSE = 1000;

/**
 * Adds the cases that every pass-through operator has to satisfy, whatever it does to values: it mirrors a source that
 * is empty, silent or fails, lets a value through at once, leaves its source when it is left, a synchronous one in the
 * middle of its burst included, does nothing before it is subscribed, begins anew for each subscriber and each source,
 * at once or one after the other, leaves no timer behind, and says nothing after its end.
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
 *   itObeysTheOperatorLaws({ describe, it }, { make: () => skipRepeats<string>(), sample: 'a', samples: ['a', 'b', 'a'] });
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
    addTimers(law, config);
    addEnding(law, config);
  });
}

/** What the result is while the source is plain. */
function addMirroring<T>(law: AddLaw, { make, sample, samples }: OperatorLawsConfig<T>): void {
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
    'forwards an error after a value',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<T>('-a-#', values);

      expectObservable(source.pipe(make())).toBe('-a-#', values);
      expectSubscriptions(source.subscriptions).toBe('^--!');
    }),
  );

  if (samples !== undefined) {
    law(
      'lets its samples through at once, one after the other',
      inVirtualTime(({ expectObservable }) => {
        // Without an end: whether these may be all is not for this law to say.
        const source = concat(paced(samples), NEVER);
        expectObservable(source.pipe(make())).toEqual(source);
      }),
    );
  }

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
  law('does nothing before it is subscribed', (demand) =>
    inVirtualTime((_helpers, scheduler) => {
      let subscriptions = 0;
      const source = new Observable<T>(() => {
        subscriptions += 1;
      });
      const result = source.pipe(make());
      demand(subscriptions === 0, 'no subscription to the source before there is a subscriber', `${subscriptions}`);
      const { pending } = scheduler;
      demand(pending.length === 0, 'no timer before there is a subscriber', `timers due at ${pending.join(', ')} ms`);
      const probe = new ProbeSubscriber<T>();
      result.subscribe(probe);
      probe.unsubscribe();
      demand(subscriptions === 1, 'one subscription to the source for one subscriber', `${subscriptions}`);
    })(demand),
  );

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
