import { EngineError, type EngineErrorOptions } from './engine-error.js';

/** A port or a caller broke its part of the contract: no action, no score, a state that is not JSON, a task that makes no sense. */
export class ContractError extends EngineError<'ContractError'> {
  static override readonly tag: string = 'ContractError';

  constructor(message: string, options?: EngineErrorOptions) {
    super('ContractError', message, options);
  }
}
