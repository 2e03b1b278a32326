import { expect } from 'chai';
import { lastValueFrom, NEVER, Observable, of, toArray, type ObservableInput } from 'rxjs';
import { fromMany, fromOne } from '../../lib/internal/from-input.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { aMacrotask, expectNoUnhandledRejection } from '../support/unhandled-rejections.js';

const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));

async function* numbers(): AsyncGenerator<number> {
  yield 1;
  yield 2;
}

/** An iterable under the control of a spec: what was called on it, and a way to answer. */
const probe = (overrides: { next?: () => unknown; return?: () => unknown } = {}) => {
  const calls: string[] = [];
  const answers: ((result: IteratorResult<number>) => void)[] = [];
  const iterable = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        calls.push('next');
        return overrides.next === undefined ? new Promise<IteratorResult<number>>((resolve) => answers.push(resolve)) : overrides.next();
      },
      return: () => {
        calls.push('return');
        return overrides.return === undefined ? Promise.resolve({ done: true, value: undefined }) : overrides.return();
      },
    }),
  };
  // The overrides break the protocol on purpose, which no type of it can say.
  return { calls, answers, iterable: iterable as unknown as AsyncIterable<number> };
};

const errorOf = (source: Observable<unknown>): Promise<unknown> =>
  new Promise((resolve) => {
    source.subscribe({ error: resolve });
  });

describe('fromMany', () => {
  it('takes every kind of input', async () => {
    expect(await all(fromMany(of(1, 2)))).to.deep.equal([1, 2]);
    expect(await all(fromMany<number>(Promise.resolve(1)))).to.deep.equal([1]);
    expect(await all(fromMany([1, 2]))).to.deep.equal([1, 2]);
    expect(await all(fromMany<number>(new Set([1, 2])))).to.deep.equal([1, 2]);
    expect(await all(fromMany<number>(numbers()))).to.deep.equal([1, 2]);
    expect(await all(fromMany<number>(new Blob(['ab']).stream().pipeThrough(lengths())))).to.deep.equal([2]);
    expect(await all(fromMany({ type: 'a' }))).to.deep.equal([{ type: 'a' }]);
    expect(await all(fromMany('text'))).to.deep.equal(['text']);
    expect(await all(fromMany(undefined))).to.deep.equal([undefined]);
  });

  it('hands an Observable on as it is, with no Promise between', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b|');
      expectObservable(fromMany(source)).toBe('-a-b|');
      expectSubscriptions(source.subscriptions).toBe('^---!');
    }));
});

describe('fromOne', () => {
  it('takes strings, arrays and other iterables for values', async () => {
    expect(await all(fromOne('text'))).to.deep.equal(['text']);
    expect(await all(fromOne([1, 2]))).to.deep.equal([[1, 2]]);
    expect(await all(fromOne(null))).to.deep.equal([null]);
    expect(await all(fromOne(new Map()))).to.deep.equal([new Map()]);
  });

  it('takes Observables, Promises, foreign Observables and async iterables for inputs', async () => {
    const foreign = {
      subscribe: () => undefined,
      [Symbol.observable ?? '@@observable']: () => of(1, 2),
    };
    expect(await all(fromOne(of(1, 2)))).to.deep.equal([1, 2]);
    expect(await all(fromOne(Promise.resolve([1])))).to.deep.equal([[1]]);
    expect(await all(fromOne(numbers()))).to.deep.equal([1, 2]);
    expect(await all(fromOne<unknown>(foreign))).to.deep.equal([1, 2]);
  });

  describe('of an async iterable', () => {
    it('calls return() at once when it is unsubscribed in a quiet moment', () => {
      const { calls, iterable } = probe();
      const subscription = fromOne(iterable).subscribe();
      expect(calls).to.deep.equal(['next']);
      subscription.unsubscribe();
      expect(calls).to.deep.equal(['next', 'return']);
    });

    it('emits and asks for nothing after it was unsubscribed', async () => {
      const { calls, answers, iterable } = probe();
      const seen: number[] = [];
      const subscription = fromOne(iterable).subscribe((value) => seen.push(value));
      subscription.unsubscribe();
      answers[0]?.({ done: false, value: 1 });
      await aMacrotask();
      expect(seen).to.deep.equal([]);
      expect(calls).to.deep.equal(['next', 'return']);
    });

    it('asks for no more when it is unsubscribed while it takes a value', async () => {
      const { calls, answers, iterable } = probe();
      const subscription = fromOne(iterable).subscribe(() => {
        subscription.unsubscribe();
      });
      answers[0]?.({ done: false, value: 1 });
      await aMacrotask();
      expect(calls).to.deep.equal(['next', 'return']);
    });

    it('does not call return() after it ended or failed by itself', async () => {
      const ended = probe({ next: () => Promise.resolve({ done: true, value: undefined }) });
      await all(fromOne(ended.iterable));
      expect(ended.calls).to.deep.equal(['next']);

      const failed = probe({ next: () => Promise.reject(new Error('no')) });
      expect(await errorOf(fromOne(failed.iterable)))
        .to.be.an('error')
        .with.property('message', 'no');
      expect(failed.calls).to.deep.equal(['next']);
    });

    it('runs the finally of a generator that is left between two values', async () => {
      let isReleased = false;
      async function* held(): AsyncGenerator<number> {
        try {
          yield 1;
          yield 2;
        } finally {
          isReleased = true;
        }
      }
      await new Promise<void>((resolve) => {
        const subscription = fromOne(held()).subscribe(() => {
          subscription.unsubscribe();
          resolve();
        });
      });
      await aMacrotask();
      expect(isReleased).to.equal(true);
    });

    it('pulls nothing for a subscriber that left before it began', () => {
      const { calls, iterable } = probe();
      const subscription = new Observable<number>((subscriber) => {
        subscriber.unsubscribe();
        return fromOne(iterable).subscribe(subscriber);
      }).subscribe();
      expect(subscription.closed).to.equal(true);
      expect(calls).to.deep.equal(['return']);
    });

    for (const [what, next] of [
      [
        'throws',
        () => {
          throw new Error('broken');
        },
      ],
      ['gives no promise', () => undefined],
      ['resolves to no result', () => Promise.resolve()],
    ] as const) {
      it(`errors, and leaves nothing unhandled, where next() ${what}`, async () => {
        await expectNoUnhandledRejection(async () => {
          expect(await errorOf(fromOne(probe({ next }).iterable))).to.be.an('error');
        });
      });
    }

    for (const [what, giveBack] of [
      [
        'throws',
        () => {
          throw new Error('broken');
        },
      ],
      ['rejects', () => Promise.reject(new Error('broken'))],
      ['gives no promise', () => undefined],
    ] as const) {
      it(`is left in peace where return() ${what}`, async () => {
        await expectNoUnhandledRejection(() => {
          const subscription = fromOne(probe({ return: giveBack }).iterable).subscribe();
          expect(() => {
            subscription.unsubscribe();
          }).not.to.throw();
        });
      });
    }
  });

  it('cancels a web stream at once when it is unsubscribed in a quiet moment', () => {
    let isCancelled = false;
    const stream = new ReadableStream<string>({
      pull: () => new Promise(() => undefined),
      cancel: () => {
        isCancelled = true;
      },
    });
    const subscription = fromOne(stream).subscribe();
    subscription.unsubscribe();
    expect(isCancelled).to.equal(true);
  });

  it('swallows the rejection of a promise that was left', async () => {
    await expectNoUnhandledRejection(() => {
      let reject: ((reason: Error) => void) | undefined;
      const late: ObservableInput<never> = new Promise<never>((_, fail) => {
        reject = fail;
      });
      fromOne(late).subscribe().unsubscribe();
      reject?.(new Error('too late'));
    });
  });

  it('never emits for what never does', () => {
    const subscription = fromOne(NEVER).subscribe();
    expect(subscription.closed).to.equal(false);
    subscription.unsubscribe();
  });
});

/** Bytes as their number, so that a stream has one plain value. */
function lengths(): TransformStream<Uint8Array, number> {
  return new TransformStream({
    transform: (bytes, controller) => {
      controller.enqueue(bytes.length);
    },
  });
}
