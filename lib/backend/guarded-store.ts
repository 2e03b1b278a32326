import { catchError, defaultIfEmpty, defer, EMPTY, map, of, take, throwError, type Observable } from 'rxjs';
import { CacheError } from '../errors/cache-error.js';
import { ContractError } from '../errors/contract-error.js';
import { errorText } from '../errors/describe-error.js';
import { fromOne } from '../internal/from-input.js';
import type { AnswerStore, StoredAnswer } from './answer-store.js';

/** A store whose failures are told, and are nobody's failure. */
export interface GuardedStore {
  /** Emits the answer of this key, or `undefined`, and completes. */
  readonly get: (key: string) => Observable<StoredAnswer | undefined>;
  /** Begins to keep an answer, which nobody waits for and nobody stops: it was paid for, by who leaves now, too. */
  readonly set: (key: string, answer: StoredAnswer) => void;
}

const failure = (operation: 'get' | 'set', cause: unknown): CacheError =>
  new CacheError(
    operation === 'get'
      ? `An answer could not be looked up in the store; the model is asked instead. ${errorText(cause)}`
      : `An answer could not be kept in the store. ${errorText(cause)}`,
    { operation, cause },
  );

const isChunk = (value: unknown): boolean => typeof value === 'object' && value !== null && 'type' in value;

const isAnswer = (value: unknown): value is StoredAnswer => Array.isArray(value) && value.length > 0 && value.every(isChunk);

/** What a store gives was written by others. */
const checked = (given: unknown): StoredAnswer | undefined => {
  if (given === undefined || given === null) return undefined;
  if (isAnswer(given)) return given;
  throw new ContractError('The store gave something that is no list of chunks.');
};

/**
 * Guards a store.
 *
 * @internal
 * @param onError - Told of each failure. Where it throws, that is reported as RxJS does with such errors.
 */
export const guardedStore = (store: AnswerStore, onError: ((error: CacheError) => void) | undefined): GuardedStore => {
  const tell = (error: CacheError): void => {
    try {
      onError?.(error);
    } catch (thrown) {
      throwError(() => thrown).subscribe();
    }
  };

  return {
    get: (key) =>
      defer(() => fromOne<StoredAnswer | undefined>(store.get(key))).pipe(
        take(1),
        map(checked),
        catchError((cause: unknown) => {
          tell(failure('get', cause));
          return of(undefined);
        }),
        defaultIfEmpty(undefined),
      ),
    set: (key, answer) => {
      defer(() => fromOne<unknown>(store.set(key, answer) ?? EMPTY)).subscribe({
        error: (cause: unknown) => {
          tell(failure('set', cause));
        },
      });
    },
  };
};
