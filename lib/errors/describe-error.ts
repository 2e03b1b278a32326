import { isEngineError } from './engine-error.js';
import { redact } from './redact.js';

/** An error as data, as `task_end` carries it. */
export interface ErrorDescription {
  readonly _tag: string;
  readonly message: string;
  readonly isRetryable: boolean;
}

/** The text of whatever was thrown, redacted of credentials. Never throws. */
export function errorText(error: unknown): string {
  try {
    if (typeof error === 'string') return redact(error);
    // The message of a foreign error may be anything.
    if (error instanceof Error) return errorText(error.message === '' ? error.name : error.message);
    return redact(JSON.stringify(error) ?? String(error));
  } catch {
    return Object.prototype.toString.call(error);
  }
}

/** Whatever was thrown as data: errors of this library keep their tag, foreign ones have their name for a tag. */
export function describeError(error: unknown): ErrorDescription {
  const message = errorText(error);
  if (isEngineError(error)) return { _tag: error._tag, message, isRetryable: error.isRetryable };
  return { _tag: error instanceof Error ? error.name : 'Error', message, isRetryable: false };
}
