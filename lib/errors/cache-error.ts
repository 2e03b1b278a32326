import { EngineError, type EngineErrorOptions } from './engine-error.js';

/**
 * A store of answers failed, and its request went on without it. It is told to `onError` and is no error of an answer;
 * mend the store, or do without.
 */
export class CacheError extends EngineError<'CacheError'> {
  static override readonly tag: string = 'CacheError';

  /** What failed: looking an answer up, or keeping one. */
  readonly operation: 'get' | 'set';

  constructor(message: string, { operation, ...options }: EngineErrorOptions & { readonly operation: 'get' | 'set' }) {
    super('CacheError', message, options);
    this.operation = operation;
  }
}
