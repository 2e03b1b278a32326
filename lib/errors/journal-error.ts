import { EngineError, type EngineErrorOptions } from './engine-error.js';

/** A journal could not be written, or what stands in one is no log of runs. Not retryable: a run goes on only from what is kept. */
export class JournalError extends EngineError<'JournalError'> {
  static override readonly tag: string = 'JournalError';

  constructor(message: string, options?: EngineErrorOptions) {
    super('JournalError', message, options);
  }
}
