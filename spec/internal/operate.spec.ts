import { expect } from 'chai';
import { of, Subject, take, throwError, type Observable } from 'rxjs';
import { operate } from '../../lib/internal/operate.js';
import { itObeysTheOperatorLaws } from '../../lib/testing/laws/operator-laws.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

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
    const source = new Subject<string>();
    const closing = operate<string, string>((subscriber) => {
      subscriber.complete();
      return { next: (value) => subscriber.next(value) };
    });
    expect(collect(source.pipe(closing)).isComplete).to.equal(true);
    expect(source.observed).to.equal(false);
  });
});
