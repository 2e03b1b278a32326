import { asText, attempt, redact, redactCause } from './redact.js';

/** Set on every error of this library, so that {@link isEngineError} also knows those of another copy of it. */
const MARKER: unique symbol = Symbol.for('purpose-rx/error');

/** What every error of this library is built from, beside its message. */
export interface EngineErrorOptions {
  /** What led to it. Foreign errors are kept as redacted copies, those of this library as they are. */
  readonly cause?: unknown;
  /** Whether the same thing may succeed when it is tried again. Each error has its own default. */
  readonly isRetryable?: boolean;
  /** Values that must appear nowhere in the error, beside everything that looks like a credential. */
  readonly secrets?: readonly string[];
}

/**
 * The base of all errors of this library: a `_tag` to switch on, whether trying again may help, and the cause.
 * Message, stack and cause are redacted of keys and headers when the error is built, which never throws: what cannot
 * be read of a foreign cause is left out.
 */
export abstract class EngineError<Tag extends string = string> extends Error {
  /** The kind of error that this class makes. A class of your own need not have one. */
  static readonly tag: string = 'EngineError';

  /**
   * `instanceof` tells by the tags, so that it also knows the errors of another copy of this library: loaders that mix
   * CommonJS with ES modules make one.
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (!Object.hasOwn(this, 'tag')) return Function.prototype[Symbol.hasInstance].call(this, value);
    return isEngineError(value) && attempt(() => tagsOf(value.constructor).includes(this.tag)) === true;
  }

  /** The kind of error, equal to its class name and stable over versions. */
  readonly _tag: Tag;
  /** Whether the same thing may succeed when it is tried again. */
  readonly isRetryable: boolean;
  readonly [MARKER] = true;

  protected constructor(tag: Tag, message: string, options: EngineErrorOptions = {}) {
    const { cause, isRetryable = false, secrets = [] } = options;
    const kept = isEngineError(cause) ? cause : redactCause(cause, secrets);
    // Callers without types may pass what is no text.
    super(redact(asText(message), secrets), kept === undefined ? undefined : { cause: kept });
    this.name = tag;
    this._tag = tag;
    this.isRetryable = isRetryable;
  }
}

/** The tags of a class and of those that it extends, in whichever copy of this library. */
function tagsOf(constructor: unknown): readonly unknown[] {
  if (typeof constructor !== 'function') return [];
  const inherited = tagsOf(Object.getPrototypeOf(constructor));
  return Object.hasOwn(constructor, 'tag') ? [Reflect.get(constructor, 'tag'), ...inherited] : inherited;
}

/** Whether `error` is an error of this library, of whichever copy of it. */
export function isEngineError(error: unknown): error is EngineError {
  return attempt(() => error instanceof Error && MARKER in error) === true;
}
