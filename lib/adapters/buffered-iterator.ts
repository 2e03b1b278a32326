import type { Observable, Subscription } from 'rxjs';
import { operate } from '../internal/operate.js';
import type { BufferSettings } from './buffer-config.js';
import { ValueBuffer } from './value-buffer.js';

type Result<T> = IteratorResult<T, undefined>;

/** Somebody who asked and has not been answered. */
interface Asker<T> {
  readonly resolve: (result: Result<T>) => void;
  readonly reject: (error: unknown) => void;
}

/** How the source ended. */
interface End {
  readonly error?: unknown;
  readonly isFailure: boolean;
}

const DONE: Result<never> = { done: true, value: undefined };
const COMPLETED: End = { isFailure: false };

/** A promise that whoever made it may forget: a rejection that is not looked at is no unhandled one. */
const forgivable = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => undefined);
  return promise;
};

/**
 * Values of an Observable, to be asked for one by one. It is subscribed when it is asked for the first time; `return`
 * leaves it before it returns, and answers all who still ask.
 *
 * @internal
 */
export class BufferedIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #source: Observable<T>;
  readonly #buffer: ValueBuffer<T>;
  readonly #askers: Asker<T>[] = [];
  #subscription: Subscription | undefined;
  #end: End | undefined;

  constructor(source: Observable<T>, settings: BufferSettings) {
    this.#source = source;
    this.#buffer = new ValueBuffer(settings);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result<T>> {
    const answer = forgivable(
      // oxlint-disable-next-line promise/avoid-new -- the rim: this is where an Observable becomes a Promise
      new Promise<Result<T>>((resolve, reject) => {
        this.#askers.push({ resolve, reject });
      }),
    );
    if (this.#subscription === undefined && this.#end === undefined) this.#subscribe();
    this.#serve();
    return answer;
  }

  return(): Promise<Result<T>> {
    try {
      this.#leave();
    } catch (error) {
      // Whoever leaves a source whose teardown throws is told of it where they wait for the end.
      return forgivable(Promise.reject(error));
    }
    return Promise.resolve(DONE);
  }

  throw(error: unknown): Promise<Result<T>> {
    return forgivable(this.return().then(() => Promise.reject(error)));
  }

  #subscribe(): void {
    const end = (how: End): void => {
      this.#end = how;
      this.#serve();
    };
    this.#source
      .pipe(
        operate<T, never>((subscriber) => {
          // Known before the source is, so that one that gives everything at once can be left in its middle.
          this.#subscription = subscriber;
          return {
            next: (value) => {
              this.#buffer.add(value);
              this.#serve();
            },
          };
        }),
      )
      .subscribe({
        error: (error: unknown) => {
          end({ isFailure: true, error });
        },
        complete: () => {
          end(COMPLETED);
        },
      });
  }

  /** Answers who asked, in their order, as far as there is something to say. */
  #serve(): void {
    while (this.#buffer.size > 0) {
      const asker = this.#askers.shift();
      if (asker === undefined) return;
      asker.resolve({ done: false, value: this.#buffer.take() });
    }
    if (this.#end === undefined) return;
    for (const { resolve, reject } of this.#askers.splice(0)) {
      const { isFailure, error } = this.#end;
      // An error is told once; after it there is nothing more.
      this.#end = COMPLETED;
      if (isFailure) reject(error);
      else resolve(DONE);
    }
  }

  #leave(): void {
    this.#end = COMPLETED;
    this.#buffer.clear();
    try {
      this.#subscription?.unsubscribe();
    } finally {
      this.#serve();
    }
  }
}
