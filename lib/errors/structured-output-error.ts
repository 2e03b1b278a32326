import { EngineError, type EngineErrorOptions } from './engine-error.js';

/** The model's answer did not decode, its repairs included. Retryable: another answer may. */
export class StructuredOutputError extends EngineError<'StructuredOutputError'> {
  static override readonly tag: string = 'StructuredOutputError';

  /** What was wrong with the last answer, one entry a fault, each with its path. */
  readonly issues: readonly string[];
  /** The last answer as text. */
  readonly received: string;

  constructor(message: string, options: EngineErrorOptions & { readonly issues: readonly string[]; readonly received: string }) {
    super('StructuredOutputError', message, { isRetryable: true, ...options });
    this.issues = options.issues;
    this.received = options.received;
  }
}
