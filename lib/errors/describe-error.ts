import { isEngineError } from './engine-error.js';
import { attempt, errorName, isErrorLike, redact } from './redact.js';

/** An error as data, as `task_end` carries it. */
export interface ErrorDescription {
  readonly _tag: string;
  readonly message: string;
  readonly isRetryable: boolean;
}

/** How often a message that is itself an error, or looks like one, is looked into; it may be its own message. */
const DEEPEST_MESSAGE = 5;

function textOf(error: unknown, depth: number): string {
  if (typeof error === 'string') return redact(error);
  if (!isErrorLike(error) || depth > DEEPEST_MESSAGE) return redact(JSON.stringify(error) ?? String(error));
  // The message of a foreign error may be anything.
  return error.message === '' ? errorName(error) : textOf(error.message, depth + 1);
}

/** The text of whatever was thrown, redacted of credentials. Never throws. */
export function errorText(error: unknown): string {
  return attempt(() => textOf(error, 0)) ?? attempt(() => redact(Object.prototype.toString.call(error))) ?? '[object Object]';
}

/**
 * Whatever was thrown as data: errors of this library keep their tag; foreign ones, those of another realm and what
 * has a name and a message like an error have their name for a tag; everything else is an `Error`. Never throws.
 */
export function describeError(error: unknown): ErrorDescription {
  const known = isEngineError(error) ? attempt(() => ({ tag: error._tag, isRetryable: error.isRetryable })) : undefined;
  return {
    // Another copy of this library may be another version.
    _tag: typeof known?.tag === 'string' ? known.tag : errorName(error),
    message: errorText(error),
    isRetryable: known?.isRetryable === true,
  };
}
