import { expect } from 'chai';
import * as fc from 'fast-check';
import { concat, defer, EMPTY, finalize, merge, NEVER, of, Subject, take, timer } from 'rxjs';
import { createCallSlots } from '../../lib/environment/call-slots.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

/** What never says anything, and how often it was subscribed. */
const silent = () => {
  let subscribed = 0;
  const source = defer(() => {
    subscribed += 1;
    return NEVER;
  });
  return { source, subscribed: () => subscribed };
};

describe('createCallSlots', () => {
  it('subscribes no more than there is room for, in the order in which they came', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold('     --a|');
      const b = cold('     -----b|');
      const c = cold('     -c|');
      const expected = '   --a-cb|';
      const slots = createCallSlots(2);

      expectObservable(merge(...[a, b, c].map((source) => slots.take(source, false)))).toBe(expected);
      expectSubscriptions(a.subscriptions).toBe('^--!');
      expectSubscriptions(b.subscriptions).toBe('^-----!');
      expectSubscriptions(c.subscriptions).toBe('---^-!');
    }));

  it('lets an exclusive one wait until it is alone, and the others wait for it', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold('     --a|');
      const b = cold('     -b|');
      const c = cold('     -c|');
      const expected = '   --a-b-c|';
      const slots = createCallSlots(4);

      expectObservable(merge(slots.take(a, false), slots.take(b, true), slots.take(c, false))).toBe(expected);
      expectSubscriptions(a.subscriptions).toBe('^--!');
      expectSubscriptions(b.subscriptions).toBe('---^-!');
      expectSubscriptions(c.subscriptions).toBe('-----^-!');
    }));

  it('starts nothing that waits when all are left', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold('     ---a|');
      const b = cold('     ---b|');
      const unsubscribed = '^-!';
      const slots = createCallSlots(1);

      expectObservable(merge(slots.take(a, false), slots.take(b, true)), unsubscribed).toBe('');
      expectSubscriptions(a.subscriptions).toBe(unsubscribed);
      expectSubscriptions(b.subscriptions).toBe([]);
    }));

  it('starts nothing that waits when all are left inside what another says', () => {
    const slow = new Subject<string>();
    const slots = createCallSlots(2);
    const hang = silent();
    const all = merge(slots.take(slow, true), slots.take(concat(of('quick'), EMPTY), false), slots.take(hang.source, false));
    all.pipe(take(1)).subscribe();
    slow.complete();
    expect(hang.subscribed()).to.equal(0);
  });

  it('runs 10,000 quick ones behind a slow one without overflowing the stack', () => {
    const slow = new Subject<number>();
    const slots = createCallSlots(1);
    let ended = 0;
    slots.take(slow, false).subscribe();
    for (let index = 0; index < 10_000; index += 1)
      slots.take(index % 2 === 0 ? of(1) : EMPTY, index % 3 === 0).subscribe({ complete: () => (ended += 1) });
    slow.complete();
    expect(ended).to.equal(10_000);
  });

  it('never has more at work than its size, nor any beside an exclusive one, and comes to the end of all', () => {
    const calls = fc.array(
      fc.record({ ms: fc.integer({ min: 0, max: 5 }), after: fc.integer({ min: 0, max: 5 }), isExclusive: fc.boolean() }),
    );
    fc.assert(
      fc.property(calls, fc.integer({ min: 1, max: 4 }), (given, size) => {
        let active = 0;
        let alone = 0;
        let ended = 0;
        agentMarbles(({ flush }) => {
          const slots = createCallSlots(size);
          for (const { ms, after, isExclusive } of given) {
            const work = defer(() => {
              active += 1;
              alone += Number(isExclusive);
              expect(active).to.be.at.most(alone > 0 ? 1 : size);
              return (ms === 0 ? EMPTY : timer(ms)).pipe(
                finalize(() => {
                  active -= 1;
                  alone -= Number(isExclusive);
                }),
              );
            });
            concat(after === 0 ? EMPTY : timer(after), slots.take(work, isExclusive)).subscribe({ complete: () => (ended += 1) });
          }
          flush();
        });
        expect(ended).to.equal(given.length);
      }),
    );
  });

  it('holds a place as long as its source is at work', () => {
    const slots = createCallSlots(1);
    let begun = 0;
    slots.take(NEVER, false).subscribe();
    slots
      .take(
        defer(() => {
          begun += 1;
          return EMPTY;
        }),
        false,
      )
      .subscribe();
    expect(begun).to.equal(0);
  });
});
