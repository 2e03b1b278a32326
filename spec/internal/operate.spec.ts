import { expect } from 'chai';
import { finalize, Observable, of, Subject, take, throwError } from 'rxjs';
import { operate } from '../../lib/internal/operate.js';
import { itObeysTheOperatorLaws } from '../../lib/testing/laws/operator-laws.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { firehose, hearNow, spoken } from '../support/hear-now.js';

const mirror = <T>() => operate<T, T>((subscriber) => ({ next: (value) => subscriber.next(value) }));

const collect = <T>(source: Observable<T>): { values: T[]; error?: unknown; isComplete: boolean } => {
  const seen: { values: T[]; error?: unknown; isComplete: boolean } = { values: [], isComplete: false };
  source.subscribe({
    next: (value) => seen.values.push(value),
    error: (error: unknown) => {
      seen.error = error;
    },
    complete: () => {
      seen.isComplete = true;
    },
  });
  return seen;
};

const ignore = (): void => undefined;

const fail = (): never => {
  throw new Error('of the handler');
};

describe('operate', () => {
  itObeysTheOperatorLaws({ describe, it }, { make: () => mirror<string>(), sample: 'a', samples: ['a', 'b', 'a'] });

  it('lets the handlers speak before the end and before an error of the source', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const closing = operate<string, string>((subscriber) => ({
        next: (value) => subscriber.next(value),
        complete: () => subscriber.next('c'),
        error: () => subscriber.next('e'),
      }));
      expectObservable(cold('-a-|').pipe(closing)).toBe('-a-(c|)');
      expectObservable(cold('-a-#').pipe(closing)).toBe('-a-(e#)');
    }));

  it('keeps its state a subscription', () => {
    const count = operate<string, number>((subscriber) => {
      let seen = 0;
      return { next: () => subscriber.next((seen += 1)) };
    });
    const counted$ = of('a', 'b').pipe(count);
    expect(collect(counted$).values).to.deep.equal([1, 2]);
    expect(collect(counted$).values).to.deep.equal([1, 2]);
  });

  const ends: readonly (readonly [when: string, source: Observable<string>])[] = [
    ['next', of('a')],
    ['complete', of()],
    ['error', throwError(() => new Error('of the source'))],
  ];
  for (const [when, source] of ends) {
    it(`makes what the ${when} handler throws the stream's error`, () => {
      const failing = operate<string, string>(() => ({ next: () => undefined, [when]: fail }));
      expect(collect(source.pipe(failing)).error)
        .to.be.an('error')
        .with.property('message', 'of the handler');
    });
  }

  it('releases the source after a handler threw', () => {
    const source = new Subject<string>();
    const seen = collect(
      source.pipe(
        operate<string, string>(() => ({
          next: () => {
            throw new Error('no');
          },
        })),
      ),
    );
    source.next('a');
    expect(seen.error).to.be.an('error');
    expect(source.observed).to.equal(false);
  });

  it('has let the source go before its complete handler runs, and before teardowns of setup do', () => {
    const { source, speaker, isHeld } = spoken<string>();
    const order: string[] = [];
    const watching = operate<string, string>((subscriber) => {
      subscriber.add(() => order.push(`torn down ${String(isHeld())}`));
      return { next: ignore, complete: () => order.push(`complete ${String(isHeld())}`) };
    });
    const left = source.pipe(watching).subscribe();
    expect(isHeld()).to.equal(true);
    left.unsubscribe();
    source.pipe(watching).subscribe();
    speaker().complete();
    expect(order).to.deep.equal(['torn down false', 'complete false', 'torn down false']);
  });

  it('releases a source that emits for ever as soon as a handler throws', () => {
    const { source, emitted } = firehose();
    const failing = operate<number, number>((subscriber) => ({
      next: (value) => {
        if (value === 3) fail();
        subscriber.next(value);
      },
    }));
    expect(hearNow(source.pipe(failing))).to.deep.equal([1, 2, '# of the handler']);
    expect(emitted()).to.equal(3);
  });

  it('makes what setup throws the error, and does not subscribe the source', () => {
    const source = new Subject<string>();
    expect(hearNow(source.pipe(operate<string, string>(fail)))).to.deep.equal(['# of the handler']);
    expect(source.observed).to.equal(false);
  });

  it('lets a handler end the stream, once', () => {
    const ending = operate<string, string>((subscriber) => ({
      next: () => subscriber.complete(),
      complete: () => subscriber.next('late'),
    }));
    expect(hearNow(of('a', 'b').pipe(ending))).to.deep.equal(['|']);
  });

  it('does not run the complete handler of a subscriber that left', () => {
    let completions = 0;
    of('a', 'b')
      .pipe(
        operate<string, string>((subscriber) => ({
          next: (value) => subscriber.next(value),
          complete: () => {
            completions += 1;
          },
        })),
        take(1),
      )
      .subscribe();
    expect(completions).to.equal(0);
  });

  it('does not subscribe a source for a subscriber that closed before', () => {
    let asked = 0;
    const source = new Observable<string>(() => void (asked += 1));
    const closing = operate<string, string>((subscriber) => {
      subscriber.complete();
      return { next: ignore };
    });
    expect(hearNow(source.pipe(closing))).to.deep.equal(['|']);
    expect(asked).to.equal(0);
  });

  it('completes where a source that has completed cannot be let go', () => {
    const source = new Subject<string>();
    const heard = hearNow(source.pipe(finalize(fail), mirror()));
    expect(() => {
      source.complete();
    }).to.throw('of the handler');
    expect(heard).to.deep.equal(['|']);
  });
});
