import { from, isObservable, Observable, of, Subscriber, throwError, type ObservableInput } from 'rxjs';

/** What an input may be, as far as it is looked at. */
interface InputLike {
  readonly then?: unknown;
  readonly subscribe?: unknown;
  readonly getReader?: unknown;
  readonly [Symbol.asyncIterator]?: unknown;
  readonly [Symbol.iterator]?: unknown;
}

const isObject = (value: unknown): value is InputLike => typeof value === 'object' && value !== null;

const isAsyncIterable = <T>(value: unknown): value is AsyncIterable<T> =>
  isObject(value) && typeof value[Symbol.asyncIterator] === 'function';

/** What is needed of a web stream. */
interface ReadableStreamLike<T> {
  getReader(): { read(): PromiseLike<IteratorResult<T, unknown>>; cancel(): PromiseLike<unknown> };
}

const isReadableStream = <T>(value: unknown): value is ReadableStreamLike<T> => isObject(value) && typeof value.getReader === 'function';

/** Promises, foreign Observables (they have `subscribe`) and web streams: what can only be meant as an input. */
const isDeferred = (value: unknown): value is ObservableInput<unknown> =>
  isObject(value) && (typeof value.then === 'function' || typeof value.subscribe === 'function' || typeof value.getReader === 'function');

/** What is pulled from; `return` is called when it is left early. */
interface Puller<T> {
  next(): PromiseLike<IteratorResult<T, unknown>>;
  return?(): unknown;
}

/** A web stream is read by a reader of its own: its iterator's `return()` would wait for the read that is under way. */
const pullerOf = <T>(input: AsyncIterable<T> | ReadableStreamLike<T>): Puller<T> => {
  if (!isReadableStream<T>(input)) return input[Symbol.asyncIterator]();
  const reader = input.getReader();
  return { next: () => reader.read(), return: () => reader.cancel() };
};

/**
 * An async iterable as an Observable that ends it when it is unsubscribed: `return()` is called at once, without
 * waiting for a `next()` that may never answer. What `return()` rejects with has nobody left to hear it.
 */
const fromPulled = <T>(input: AsyncIterable<T> | ReadableStreamLike<T>): Observable<T> =>
  new Observable<T>((subscriber) => {
    const puller = pullerOf(input);
    let finished = false;
    const fail = (error: unknown): void => {
      finished = true;
      subscriber.error(error);
    };
    const take = (result: IteratorResult<T, unknown>): void => {
      // What breaks the protocol of iterators is an error like any other, and no unhandled rejection.
      try {
        if (result.done === true) {
          finished = true;
          subscriber.complete();
          return;
        }
        subscriber.next(result.value);
        pull();
      } catch (error) {
        fail(error);
      }
    };
    const pull = (): void => {
      // The subscriber may have left while it took a value, or before anything began.
      if (subscriber.closed) return;
      try {
        puller.next().then(take, fail);
      } catch (error) {
        fail(error);
      }
    };
    subscriber.add(() => {
      if (!finished) swallow(() => puller.return?.());
    });
    pull();
  });

/** Lets go of something whose failure has nobody left to hear it. */
const swallow = (release: () => unknown): void => {
  try {
    Promise.resolve(release()).catch(() => undefined);
  } catch {
    // As above: it failed at once instead of later.
  }
};

/**
 * A foreign Observable behind a wall: it is not subscribed by who has left already, and a teardown of its own that
 * throws is reported as an unhandled error, where it would silently hold up whatever waits for that teardown.
 */
const contained = <T>(source: Observable<T>): Observable<T> =>
  new Observable<T>((subscriber) => {
    if (subscriber.closed) return;
    // A subscriber of its own and none that is linked: its teardown is not that of the target.
    const inner = new Subscriber<T>({
      next: (value: T) => {
        subscriber.next(value);
      },
      error: (error: unknown) => {
        subscriber.error(error);
      },
      complete: () => {
        subscriber.complete();
      },
    });
    subscriber.add(() => {
      try {
        inner.unsubscribe();
      } catch (error) {
        throwError(() => error).subscribe();
      }
    });
    source.subscribe(inner);
  });

/** The one door for what comes from outside: any kind of input as an Observable whose teardown reaches it. */
const toObservable = <T>(input: ObservableInput<T>): Observable<T> => {
  if (isObservable(input)) return contained(input);
  return isReadableStream<T>(input) || isAsyncIterable<T>(input) ? fromPulled(input) : from(input);
};

/**
 * What a port gave where several values are due: Observables, Promises, iterables and async iterables deliver theirs,
 * anything else is itself the one value.
 *
 * @internal
 */
export const fromMany = <T>(input: T | ObservableInput<T>): Observable<T> =>
  isObservable(input) || isDeferred(input) || isAsyncIterable(input) || (isObject(input) && typeof input[Symbol.iterator] === 'function')
    ? toObservable(input as ObservableInput<T>)
    : of(input);

/**
 * What a port gave where one value is due: as {@link fromMany}, but strings, arrays and other iterables are values.
 *
 * @internal
 */
export const fromOne = <T>(input: T | ObservableInput<T>): Observable<T> =>
  isObservable(input) || isDeferred(input) || isAsyncIterable(input) ? toObservable(input as ObservableInput<T>) : of(input);
