import { EngineError } from './engine-error.js';

/** A test expected something else. Its message is a page to be read: both diagrams, the first difference, the event at it. */
export class ExpectationError extends EngineError<'ExpectationError'> {
  static override readonly tag: string = 'ExpectationError';

  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super('ExpectationError', message, options);
  }
}
