import { BackendError } from './backend-error.js';
import type { EngineErrorOptions } from './engine-error.js';

/** The model's native tool call is not sound: no name, or arguments that are no JSON object. Retryable: a model may do better when it is asked again. */
export class ToolCallError extends BackendError<'ToolCallError'> {
  static override readonly tag: string = 'ToolCallError';

  /** The arguments as the server sent them. */
  readonly received: string;

  constructor(message: string, options: EngineErrorOptions & { readonly received: string }) {
    super(message, { isRetryable: true, ...options }, 'ToolCallError');
    this.received = options.received;
  }
}
