import { AsyncSubject, of, type Observable } from 'rxjs';

/** A Promise as far as anybody looks at it, in the time of a test: it settles as its source ends, whoever listens. */
export const promiseOf = <T>(source: Observable<T>): PromiseLike<T> => {
  const settled = new AsyncSubject<T>();
  source.subscribe(settled);
  return thenable(settled);
};

/** A Promise that never settles. */
export const never = <T = never>(): PromiseLike<T> => thenable(new AsyncSubject<T>());

const thenable = <T>(settled: AsyncSubject<T>): PromiseLike<T> => {
  const made: PromiseLike<T> = {
    // oxlint-disable-next-line unicorn/no-thenable -- promises of the runtime know no virtual time
    then: (onValue, onError) => {
      settled.subscribe({ next: (value) => void onValue?.(value), error: (error: unknown) => void onError?.(error) });
      return never();
    },
  };
  return made;
};

/** What an async iterable of a test does. */
interface IterableConfig {
  /** Answers to `next()`, in turn; after them it is done. */
  readonly answers: readonly (() => PromiseLike<IteratorResult<unknown, unknown>>)[];
  /** Answer to `return()`. Left out: there is no such method. */
  readonly release?: () => PromiseLike<unknown>;
}

/** An async iterable whose answers come in the time of a test, and which counts how often it is released. */
export class TimedIterable implements AsyncIterable<unknown> {
  readonly #config: IterableConfig;
  released = 0;

  constructor(config: IterableConfig) {
    this.#config = config;
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown, unknown> {
    const answers = [...this.#config.answers];
    const { release } = this.#config;
    return {
      next: () => (answers.shift()?.() ?? promiseOf(of({ done: true, value: undefined }))) as Promise<IteratorResult<unknown, unknown>>,
      ...(release && {
        return: () => {
          this.released += 1;
          return release() as Promise<IteratorResult<unknown, unknown>>;
        },
      }),
    };
  }
}
