import type { Either, Left, Right } from 'fp-ts/lib/Either.js';

// The values are those of fp-ts, and so are the types. Its functions are not: `fp-ts/lib` is CommonJS, which a bundler
// takes whole, 29 KB for four comparisons, and `fp-ts/es6` is nothing that Node can load.

/** What went wrong. */
export const left = <E>(error: E): Either<E, never> => ({ _tag: 'Left', left: error });

/** What came out. */
export const right = <A>(value: A): Either<never, A> => ({ _tag: 'Right', right: value });

/** Whether it went wrong. */
export const isLeft = <E>(either: Either<E, unknown>): either is Left<E> => either._tag === 'Left';

/** Whether it went well. */
export const isRight = <A>(either: Either<unknown, A>): either is Right<A> => either._tag === 'Right';
