import type { Observable } from 'rxjs';

/** How a stream went. */
export interface Outcome<T> {
  readonly values: readonly T[];
  /** What it failed with; `undefined` where it completed. */
  readonly error?: unknown;
}

/** Everything that a stream emits up to its end, and its error if that is its end. */
export const outcomeOf = <T>(source: Observable<T>): Promise<Outcome<T>> =>
  new Promise((resolve) => {
    const values: T[] = [];
    source.subscribe({
      next: (value) => values.push(value),
      error: (error: unknown) => {
        resolve({ values, error });
      },
      complete: () => {
        resolve({ values });
      },
    });
  });
