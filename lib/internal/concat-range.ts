import type { Observable } from 'rxjs';
import { mergeRange } from './merge-range.js';

/**
 * `concat(project(1), project(2), … project(count))`, each of them made only when the one before has completed: see
 * {@link mergeRange} for why not by RxJS's own.
 *
 * ```text
 * project(1)              -a|
 * project(2)                -b|
 * concatRange(2, project) -a-b|
 * ```
 *
 * @internal
 */
export const concatRange = <T>(count: number, project: (index: number) => Observable<T>): Observable<T> => mergeRange(count, 1, project);
