import { EmptyError, type Observable, type OperatorFunction } from 'rxjs';
import { andThen } from './and-then.js';

/**
 * Waits for the one value of a source and goes on with what is made of it.
 *
 * ```text
 * source            --v
 * project(v)          -x-y|
 * oneThen(project)  ---x-y|
 * ```
 *
 * `concatMap` for a source of one value, but what follows goes straight to the subscriber: a layer less for each of its
 * values. Errors: `EmptyError` where the source has none.
 *
 * @internal
 */
export const oneThen = <T, R>(project: (value: T) => Observable<R>): OperatorFunction<T, R> =>
  andThen({ isFinal: (_value): _value is T => true, project, missing: () => new EmptyError() });
