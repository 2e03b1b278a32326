import { AsyncSubject, catchError, concat, defer, EMPTY, filter, isObservable, map, of, tap, type Observable } from 'rxjs';
import { fromOne } from '../internal/from-input.js';
import { isToolProgress } from './tool.js';

/** What came of work after it was let go. */
export type Delivery =
  /** `isEnd`: it came to its end and said nothing more; the value is what it had said last. */
  { readonly ok: true; readonly value: unknown; readonly isEnd?: true } | { readonly ok: false; readonly error: unknown };

/** What a tool gave, and what becomes of it when it is let go. */
export interface HeldOutput {
  /** Its values; unsubscribing lets go of the work. */
  readonly output$: Observable<unknown>;
  /**
   * For what may go on when it has been let go: emits what it delivers after all, if anything, and completes when nothing
   * of it is at work any more. Absent where letting go is the end. To be subscribed once, afterwards.
   */
  readonly aftermath$: Observable<Delivery> | undefined;
}

interface GivenLike {
  readonly then?: unknown;
  readonly subscribe?: unknown;
  readonly getReader?: unknown;
  readonly [Symbol.asyncIterator]?: unknown;
}

const isObject = (value: unknown): value is GivenLike => typeof value === 'object' && value !== null;

/** Observables and web streams end when they are let go. */
const endsAtOnce = ({ subscribe, getReader }: GivenLike): boolean => typeof subscribe === 'function' || typeof getReader === 'function';

const isAsyncIterable = (given: GivenLike): given is AsyncIterable<unknown> => typeof given[Symbol.asyncIterator] === 'function';

const isPromiseLike = (given: GivenLike): given is PromiseLike<unknown> => typeof given.then === 'function';

const failed = (error: unknown): Delivery => ({ ok: false, error });

/** A Promise goes on, whoever listens. */
const aftermathOf = (promise: PromiseLike<unknown> | Observable<unknown>): Observable<Delivery> =>
  fromOne<unknown>(promise).pipe(
    map((value): Delivery => ({ ok: true, value })),
    catchError((error: unknown) => of(failed(error))),
  );

/** What has a `then` is asked once, whoever listens afterwards: query builders do their work each time that they are asked. */
const heldPromise = (promise: PromiseLike<unknown>): HeldOutput => {
  const output$ = new AsyncSubject<unknown>();
  fromOne<unknown>(promise).subscribe(output$);
  return { output$, aftermath$: aftermathOf(output$) };
};

/** An async iterable whose open `next()`, and whose answer to `return()`, can be looked at afterwards. */
class HeldIterable implements AsyncIterable<unknown>, HeldOutput {
  readonly #input: AsyncIterable<unknown>;
  #open: PromiseLike<IteratorResult<unknown, unknown>> | undefined;
  #released: PromiseLike<unknown> | undefined;
  /** The last bare value: the result so far. */
  #last: unknown;

  constructor(input: AsyncIterable<unknown>) {
    this.#input = input;
  }

  readonly output$ = defer(() => fromOne<unknown>(this)).pipe(
    tap((value) => {
      if (!isToolProgress(value)) this.#last = value;
    }),
  );

  readonly aftermath$ = defer(() =>
    concat(
      this.#open === undefined ? EMPTY : this.#delivered(this.#open),
      // What it rejects with while it is let go came of the work as well.
      this.#released === undefined ? EMPTY : aftermathOf(this.#released).pipe(filter(({ ok }) => !ok)),
    ),
  );

  [Symbol.asyncIterator](): AsyncIterator<unknown, unknown> {
    const iterator: AsyncIterator<unknown, unknown> = this.#input[Symbol.asyncIterator]();
    return {
      next: () => (this.#open = iterator.next()),
      return: () => {
        const released = iterator.return?.() ?? Promise.resolve(nothing);
        this.#released = released;
        return released;
      },
    };
  }

  #delivered(open: PromiseLike<IteratorResult<unknown, unknown>>): Observable<Delivery> {
    return fromOne(open).pipe(
      filter(({ done, value }) => done === true || !isToolProgress(value)),
      map(({ done, value }): Delivery => (done === true ? { ok: true, value: this.#last, isEnd: true } : { ok: true, value })),
      catchError((error: unknown) => of(failed(error))),
    );
  }
}

const nothing = { done: true, value: undefined } as const;

/**
 * Takes what a tool gave into hand, by the door for what comes from outside; `undefined` where it is itself the value.
 * Nothing rejects unheard.
 *
 * @internal
 */
export const holdOutput = (given: unknown): HeldOutput | undefined => {
  if (!isObject(given)) return undefined;
  if (isObservable(given) || endsAtOnce(given)) return { output$: fromOne<unknown>(given), aftermath$: undefined };
  if (isAsyncIterable(given)) return new HeldIterable(given);
  return isPromiseLike(given) ? heldPromise(given) : undefined;
};
