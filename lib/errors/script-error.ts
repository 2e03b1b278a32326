import { EngineError } from './engine-error.js';

/** A script was not followed: a request that it does not expect, or steps that were never used. */
export class ScriptError extends EngineError<'ScriptError'> {
  static override readonly tag: string = 'ScriptError';

  constructor(message: string) {
    super('ScriptError', message);
  }
}
