import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import * as fc from 'fast-check';
import { from, NEVER, Subject, take, takeUntil, VirtualTimeScheduler, type MonoTypeOperatorFunction } from 'rxjs';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { coalesceTokens } from '../../lib/operators/coalesce-tokens.js';
import { itObeysTheOperatorLaws } from '../../lib/testing/laws/operator-laws.js';
import { actionOf, eventOf, numbered, tokenOf } from '../support/events.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const values = {
  a: tokenOf('a'),
  b: tokenOf('b'),
  c: tokenOf('c'),
  A: tokenOf('ab'),
  r: tokenOf('r', { channel: 'reasoning' }),
  j: tokenOf('j', { source: 'purpose' }),
  n: tokenOf('n', { attempt: 2 }),
  z: tokenOf('z', {}, 2),
  X: actionOf('look', 1),
};

/** The text of some events with what each character belongs to, and the other events at their places. */
const flattened = (events: readonly StreamEvent[]): string =>
  events
    .map((event) => {
      if (event.type !== 'token') return event.type;
      const { token, source, channel, attempt } = event.data;
      return token.replaceAll(/./g, (unit) => `${source} ${channel} ${attempt} ${event.step} ${unit},`);
    })
    .join('');

describe('coalesceTokens', () => {
  it('joins the tokens that arrive within maxDelay', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-------c-|   ', values);
      const subs = '       ^------------!   ';
      const expected = '   ------A------(c|)';

      expectObservable(source.pipe(coalesceTokens({ maxDelay: 5 }))).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }));

  it('emits what it holds before an event that is not a token', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const source = cold('-a-X----|', values);
      const expected = '   ---(aX)-|';

      expectObservable(source.pipe(coalesceTokens({ maxDelay: 50 }))).toBe(expected, values);
    }));

  it('emits what it holds before it is told to be void', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const told = {
        ...values,
        d: eventOf('attempt_dropped', 1, { source: 'actor', attempt: 1, reason: 'the line broke' }),
        s: eventOf('attempt_start', 1, { source: 'actor', attempt: 2 }),
      };
      const source = cold('-a-b-(ds)--n|   ', told);
      const expected = '   -----(Ads)--(n|)';

      expectObservable(source.pipe(coalesceTokens({ maxDelay: 50 }))).toBe(expected, told);
    }));

  it('joins no tokens of different texts', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const source = cold('-a-r-j-n-z-|   ', values);
      const expected = '   ---a-r-j-n-(z|)';

      expectObservable(source.pipe(coalesceTokens({ maxDelay: 50 }))).toBe(expected, values);
    }));

  it('emits what it holds before an error', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const source = cold('-a-#   ', values);
      const expected = '   ---(a#)';

      expectObservable(source.pipe(coalesceTokens({ maxDelay: 50 }))).toBe(expected, values);
    }));

  it('emits at once what has reached maxLength', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const source = cold('-a-b-c-----|   ', values);
      const expected = '   ---A------c|   ';

      expectObservable(source.pipe(coalesceTokens({ maxDelay: 5, maxLength: 2 }))).toBe(expected, values);
    }));

  it('drops what it holds when it is unsubscribed', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-', values);
      expectObservable(source.pipe(coalesceTokens({ maxDelay: 9 })), '^----!').toBe('------');
      expectSubscriptions(source.subscriptions).toBe('^----!');
    }));

  it('leaves no timer when it is unsubscribed, also by what it has just flushed', () => {
    for (const leave of [take(1), takeUntil(NEVER)] as const) {
      const clock = new VirtualTimeScheduler();
      const source = new Subject<StreamEvent>();
      const watching = source.pipe(coalesceTokens({ maxDelay: 9, scheduler: clock }), leave).subscribe();
      source.next(values.a);
      source.next(values.r);
      watching.unsubscribe();
      expect(clock.actions.filter(({ closed }) => !closed)).to.deep.equal([]);
    }
  });

  it('waits for another event where maxDelay is more than timers can hold', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const source = cold('-a-b 999ms X-|', values);
      const expected = '   ---- 999ms (AX|)';
      expectObservable(source.pipe(coalesceTokens({ maxDelay: Infinity }), take(2))).toBe(expected, values);
    }));

  it('gives a joined event the number and time of its last token', () => {
    const seen: StreamEvent[] = [];
    const [one, two] = numbered(tokenOf('a'), { ...tokenOf('b'), timestamp: 7 });
    if (one === undefined || two === undefined) throw new Error('no events');
    from([one, two])
      .pipe(coalesceTokens({ maxDelay: 5 }))
      .subscribe((event) => seen.push(event));
    expect(seen).to.deep.equal([{ ...tokenOf('ab'), seq: 1, timestamp: 7 }]);
  });

  it('loses nothing and reorders nothing, whatever comes', () => {
    const anything = fc.array(fc.constantFrom(values.a, values.b, values.r, values.j, values.n, values.z, values.X), { maxLength: 40 });
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 5 }), (events, maxLength) => {
        const seen: StreamEvent[] = [];
        from(events)
          .pipe(coalesceTokens({ maxDelay: 5, maxLength }))
          .subscribe((event) => seen.push(event));
        expect(flattened(seen)).to.equal(flattened(events));
      }),
    );
  });

  itObeysTheOperatorLaws<StreamEvent>(
    { describe, it },
    { make: () => coalesceTokens({ maxDelay: 5, maxLength: 1 }), sample: tokenOf('a') },
  );

  it('is a mono-type operator', () => {
    expectTypeOf(coalesceTokens({ maxDelay: 1 })).toEqualTypeOf<MonoTypeOperatorFunction<StreamEvent>>();
  });
});
