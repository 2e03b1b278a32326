import { errorText } from './describe-error.js';
import { isEngineError } from './engine-error.js';
import { redactCause } from './redact.js';

/**
 * Errors as an aggregate keeps them: those of this library as they are, foreign ones as redacted copies, and what is no
 * error as its redacted text.
 *
 * @internal
 */
export const keptErrors = (errors: readonly unknown[], secrets: readonly string[] = []): readonly unknown[] =>
  errors.map((error) => (isEngineError(error) ? error : (redactCause(error, secrets) ?? errorText(error))));

/**
 * The texts of several errors as one, numbered.
 *
 * @internal
 */
export const errorTexts = (errors: readonly unknown[]): string =>
  errors.map((error, index) => `${index + 1}. ${errorText(error)}`).join(' ');
