import { expect } from 'chai';
import { Observable, of, Subject, Subscriber, throwError } from 'rxjs';
import { LinkedSubscriber, type LinkHandlers } from '../../lib/internal/linked-subscriber.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { firehose, hearNow, spoken } from '../support/hear-now.js';

/** A source that is listened to by a link alone: its values go on as they are. */
const linked = <T>(source: Observable<T>, more: (target: Subscriber<T>) => Partial<LinkHandlers<T>> = () => ({})) =>
  new Observable<T>((target) => {
    const next = (value: T): void => {
      target.next(value);
    };
    source.subscribe(new LinkedSubscriber<T>(target, { next, ...more(target) }));
  });

const ignore = (): void => undefined;

const fail = (): never => {
  throw new Error('of the handler');
};

/** Has as many teardowns as that. */
const teardownsOf = (subscriber: Subscriber<unknown>): number =>
  (Reflect.get(subscriber, '_finalizers') as readonly unknown[] | null)?.length ?? 0;

/** Handlers of the end that say it and do not end the target. */
const telling = (target: Subscriber<string>) => ({
  complete: () => {
    target.next('c');
  },
  error: () => {
    target.next('e');
  },
});

describe('LinkedSubscriber', () => {
  it('ends its target as the source ends where it has no handler for that', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -a-b-|');
      const failing = cold(' -a-#');

      expectObservable(linked(source)).toBe(' -a-b-|');
      expectObservable(linked(failing)).toBe('-a-#');
      expectSubscriptions(source.subscriptions).toBe(' ^----!');
      expectSubscriptions(failing.subscriptions).toBe('^--!');
    }));

  it('leaves the end to its handlers where it has them', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -a-|');
      const failing = cold(' -a-#');
      expectObservable(linked(source, telling)).toBe(' -a-c--');
      expectObservable(linked(failing, telling)).toBe('-a-e--');
      expectSubscriptions(source.subscriptions).toBe('  ^--!');
      expectSubscriptions(failing.subscriptions).toBe(' ^--!');
    }));

  it('releases the source when its target ends, at every moment', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const moments = [
        ['^!    ', '--    '],
        ['^-!   ', '-a-   '],
        ['^--!  ', '-a--  '],
        ['^---! ', '-a-b- '],
        ['^----!', '-a-b- '],
      ] as const;
      for (const [unsubscribed, expected] of moments) {
        const source = cold('-a-b-|');
        expectObservable(linked(source), unsubscribed).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(unsubscribed);
      }
    }));

  const ends: Readonly<Record<string, (target: Subscriber<unknown>) => void>> = {
    completes: (target) => {
      target.complete();
    },
    fails: (target) => {
      target.error(new Error('of the target'));
    },
    'is left': (target) => {
      target.unsubscribe();
    },
  };
  for (const [how, end] of Object.entries(ends)) {
    it(`releases the source when its target ${how}, and hears nothing more of it`, () => {
      const source = new Subject<string>();
      const target = new Subscriber<string>({ next: ignore, error: ignore, complete: ignore });
      const heard: string[] = [];
      const link = new LinkedSubscriber<string>(target, {
        next: (value) => heard.push(value),
        error: () => heard.push('#'),
        complete: () => heard.push('|'),
      });
      source.subscribe(link);
      source.next('a');
      end(target);
      expect(source.observed).to.equal(false);
      link.next('b');
      link.complete();
      link.error(new Error('late'));
      expect(heard).to.deep.equal(['a']);
    });

    it(`stops a source that emits for ever when its target ${how} inside a value`, () => {
      const { source, emitted } = firehose();
      const target = new Subscriber<number>({ next: ignore, error: ignore, complete: ignore });
      source.subscribe(
        new LinkedSubscriber<number>(target, {
          next: (value) => {
            if (value === 3) end(target);
          },
        }),
      );
      expect(emitted()).to.equal(3);
    });
  }

  const sources: Readonly<Record<keyof LinkHandlers<string>, Observable<string>>> = {
    next: of('a'),
    error: throwError(() => new Error('of the source')),
    complete: of(),
  };
  for (const [which, source] of Object.entries(sources)) {
    it(`makes what its ${which} handler throws the error of its target`, () => {
      expect(hearNow(linked(source, () => ({ [which]: fail })))).to.deep.equal(['# of the handler']);
    });
  }

  it('releases a source that goes on where its next handler throws', () => {
    const { source, emitted } = firehose();
    expect(hearNow(linked(source, () => ({ next: fail })))).to.deep.equal(['# of the handler']);
    expect(emitted()).to.equal(1);
  });

  it('has released the source when its complete handler runs', () => {
    const { source, speaker, isHeld } = spoken<string>();
    const held: boolean[] = [];
    hearNow(linked(source, () => ({ complete: () => held.push(isHeld()) })));
    speaker().complete();
    expect(held).to.deep.equal([false]);
  });

  it('tears the source down once, in whatever way it ends', () => {
    for (const end of ['complete', 'error', 'next'] as const) {
      let torn = 0;
      let speaker: Subscriber<string> | undefined;
      const source = new Observable<string>((subscriber) => {
        speaker = subscriber;
        return () => void (torn += 1);
      });
      const heard = hearNow(linked(source, (target) => ({ next: () => target.complete() })));
      if (end === 'next') speaker?.next('a');
      else if (end === 'error') speaker?.error(new Error('no'));
      else speaker?.complete();
      speaker?.unsubscribe();
      expect(heard, end).to.have.length(1);
      expect(torn, end).to.equal(1);
    }
  });

  it('leaves nothing on its target when the source is over or let go', () => {
    const target = new Subscriber<string>({ next: ignore, error: ignore, complete: ignore });
    const quiet = { next: ignore, error: ignore, complete: ignore };
    for (let round = 0; round < 1000; round += 1) {
      of('a').subscribe(new LinkedSubscriber<string>(target, quiet));
      throwError(() => new Error('no')).subscribe(new LinkedSubscriber<string>(target, quiet));
      const source = new Subject<string>();
      const link = new LinkedSubscriber<string>(target, quiet);
      source.subscribe(link);
      link.unsubscribe();
      expect(source.observed).to.equal(false);
    }
    expect(teardownsOf(target)).to.equal(0);
    expect(target.closed).to.equal(false);
  });

  it('is closed from the start on a target that has ended, so that a source is not heard', () => {
    const target = new Subscriber<string>();
    target.unsubscribe();
    const heard: string[] = [];
    const link = new LinkedSubscriber<string>(target, { next: (value) => heard.push(value) });
    expect(link.closed).to.equal(true);
    of('a').subscribe(link);
    expect(heard).to.deep.equal([]);
  });
});
