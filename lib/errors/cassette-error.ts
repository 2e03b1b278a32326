import { EngineError, type EngineErrorOptions } from './engine-error.js';

/** A cassette cannot be read or written, or holds no answer to a request. */
export class CassetteError extends EngineError<'CassetteError'> {
  static override readonly tag: string = 'CassetteError';

  constructor(message: string, options?: EngineErrorOptions) {
    super('CassetteError', message, options);
  }
}
