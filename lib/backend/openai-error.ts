import { AuthenticationError } from '../errors/authentication-error.js';
import { BackendError } from '../errors/backend-error.js';
import { BadRequestError } from '../errors/bad-request-error.js';
import { isEngineError, type EngineError } from '../errors/engine-error.js';
import { NetworkError } from '../errors/network-error.js';
import { NotFoundError } from '../errors/not-found-error.js';
import { RateLimitError } from '../errors/rate-limit-error.js';
import { attempt, redact } from '../errors/redact.js';
import { ServerError } from '../errors/server-error.js';
import { shorten, truncate } from '../domain/text.js';
import { retryAfter, type ReadHeader } from './retry-after.js';
import { isWireRecord, textOf } from './wire.js';

/** What the making of an error needs to know. */
export interface ErrorContext {
  /** Values that must appear in no error. */
  readonly secrets: readonly string[];
  /** The time in milliseconds since the epoch. */
  readonly now: () => number;
}

/** What a server said of a failure. */
interface Failure {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly header: ReadHeader;
  readonly cause: unknown;
}

/** Longest quotation of a server in a message, in UTF-16 code units. */
const LONGEST_DETAIL = 300;

/** Servers that report an error inside a stream name its kind in words, each in its own. */
const KINDS: readonly (readonly [words: RegExp, status: number])[] = [
  [/rate.?limit|too.?many|quota|throttl/i, 429],
  [/auth|api.?key|permission|forbidden|credential/i, 401],
  [/not.?found/i, 404],
  [/invalid|bad.?request|context.?length|validation|unprocessable|too.?(large|long)|unsupported/i, 400],
];

/** Others say it in a message only, in which a single word means little. */
const SENTENCES: readonly (readonly [words: RegExp, status: number])[] = [
  [/rate.?limit|too many requests|quota exceeded|exceeded your .{0,20}quota/i, 429],
  [/unauthori[sz]ed|not authenticated|forbidden|permission denied|(?:invalid|incorrect|missing|no) (?:api.?key|token|credentials)/i, 401],
  [/\bnot found|does not exist|no such model|unknown model/i, 404],
  [/context.?length|too (?:large|long)\b|bad request|invalid request|unprocessable|method not allowed|unsupported/i, 400],
];

/** Kinds that are the server's own fault, whatever it says of them. */
const SERVER_FAULT = /overload|internal|server|unavailable|time.?out/i;

const statusOf = (text: string, kinds: typeof KINDS): number | undefined => kinds.find(([kind]) => kind.test(text))?.[1];

const noHeader: ReadHeader = () => null;

/** How much of a text is looked at for an excerpt, in UTF-16 code units: to redact megabytes takes its time. */
const LONGEST_LOOK = 20_000;

/** Where it was cut, it may end with half a key. Keys are shorter than this. */
const LONGEST_KEY = 4096;

/**
 * What a text begins with, redacted before it is cut, so that no half of a key remains.
 *
 * @internal
 */
export function excerpt(text: string, secrets: readonly string[], length: number): string {
  if (text.length <= LONGEST_LOOK) return truncate(redact(text, secrets), length);
  const redacted = redact(text.slice(0, LONGEST_LOOK), secrets);
  return truncate(redacted.slice(0, -LONGEST_KEY), length);
}

/**
 * A quotation for a message: on one line, short, and redacted.
 *
 * @internal
 */
export function quote(text: string, secrets: readonly string[]): string {
  return shorten(excerpt(text, secrets, LONGEST_LOOK).replace(/\s+/g, ' ').trim(), LONGEST_DETAIL);
}

/** A status that stands in an error object, as a number or as text. */
const statusIn = (value: unknown): number | undefined => {
  const status = typeof value === 'string' ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status < 600 ? status : undefined;
};

/** A value as JSON; `undefined` where it is nested so deep that it cannot be written. */
const jsonOf = (value: unknown): string | undefined => attempt(() => JSON.stringify(value));

/** What an error's body says in words. */
function detailOf(body: unknown): string | undefined {
  if (!isWireRecord(body)) return textOf(body) ?? (Array.isArray(body) ? jsonOf(body) : undefined);
  const message = body['message'] ?? body['detail'] ?? body['error'];
  return textOf(message) ?? (isWireRecord(message) ? attempt(() => detailOf(message)) : undefined) ?? jsonOf(body);
}

const headerReader = (headers: unknown): ReadHeader => {
  if (headers instanceof Headers) return (name) => headers.get(name);
  return isWireRecord(headers) ? (name) => textOf(headers[name]) : noHeader;
};

function toTypedError({ status, code, detail, header, cause }: Failure, { secrets, now }: ErrorContext): EngineError {
  const said = detail === '' ? '' : ` It said: ${quote(detail, secrets)}`;
  const options = { cause, secrets };
  if (status === 402) {
    return new AuthenticationError(`The account behind the key cannot pay (402). Top it up, or use another key.${said}`, options);
  }
  if (status === 401 || status === 403) {
    return new AuthenticationError(`The server refused the key (${status}). Check apiKey, or OPENAI_API_KEY.${said}`, options);
  }
  if (status === 429) {
    if (/insufficient.?quota|billing/i.test(code)) {
      const message = `The quota of the key is used up (429). Look at the account's plan, or use another key.${said}`;
      return new RateLimitError(message, { ...options, retryAfter: null, isRetryable: false });
    }
    const wait = retryAfter(header, now());
    const advice = wait === null ? 'Wait before asking again' : `Wait ${Math.ceil(wait)} ms before asking again`;
    return new RateLimitError(`Too many requests or tokens (429). ${advice}, or ask less at a time.${said}`, {
      ...options,
      retryAfter: wait,
    });
  }
  if (status === 404 || status === 405) {
    return new NotFoundError(
      `The server knows no such model or address (${status}). Check model, and that baseURL ends where /chat/completions begins, mostly in /v1.${said}`,
      options,
    );
  }
  if (status === 408 || status === 409 || status >= 500) {
    return new ServerError(`The server failed (${status}). Ask again later.${said}`, options);
  }
  return new BadRequestError(`The server refused the request (${status}). Change what it complains of.${said}`, options);
}

/**
 * An error that a server reports inside an answer of status 200, as an object or as a text, by its status, code or type,
 * else by what it says.
 *
 * @internal
 */
export function toReportedError(body: unknown, context: ErrorContext): EngineError {
  const fields = isWireRecord(body) ? body : {};
  const words = [fields['code'], fields['type'], fields['status']].filter((word) => typeof word === 'string').join(' ');
  const detail = detailOf(body) ?? '';
  const status =
    statusIn(fields['status']) ??
    statusIn(fields['status_code']) ??
    statusIn(fields['code']) ??
    statusOf(words, KINDS) ??
    (SERVER_FAULT.test(words) ? undefined : statusOf(detail, SENTENCES));
  if (status !== undefined) return toTypedError({ status, code: words, detail, header: noHeader, cause: undefined }, context);
  return new ServerError(`The server broke off its answer with an error. Ask again later. It said: ${quote(detail, context.secrets)}`, {
    secrets: context.secrets,
  });
}

/** The innermost cause of a connection error says most: `ECONNREFUSED 127.0.0.1:1`. */
function rootCause(error: unknown): string {
  const { cause } = error instanceof Error ? error : {};
  if (cause instanceof Error) return rootCause(cause);
  if (!(error instanceof Error)) return String(error);
  return error.message !== '' || !('code' in error) ? error.message : String(error.code);
}

/**
 * Whatever a request failed with, before there was an answer, as a typed error: by its status where there is one. The
 * client's errors without a status are those of the connection.
 *
 * @internal
 */
export function toRequestError(error: unknown, context: ErrorContext): EngineError {
  if (isEngineError(error)) return error;
  const { secrets } = context;
  const fields: Readonly<Record<string, unknown>> = error instanceof Error ? Object.fromEntries(Object.entries(error)) : {};
  const { status, headers, code, type, error: body } = fields;
  if (typeof status === 'number') {
    const detail = detailOf(body) ?? rootCause(error);
    return toTypedError({ status, code: `${String(code)} ${String(type)}`, detail, header: headerReader(headers), cause: error }, context);
  }
  if ('status' in fields || (error instanceof TypeError && error.cause !== undefined)) {
    return new NetworkError(
      `The server could not be reached, or did not answer. Check baseURL and that the server runs. Cause: ${quote(rootCause(error), secrets)}`,
      { cause: error, secrets },
    );
  }
  return new BackendError(`The request could not be made. Cause: ${quote(rootCause(error), secrets)}`, { cause: error, secrets });
}

/**
 * The error of a client that could not be made.
 *
 * @internal
 */
export function toClientError(error: unknown, { secrets }: ErrorContext): EngineError {
  const cause = quote(rootCause(error), secrets);
  if (/credential|api.?key/i.test(cause)) {
    return new AuthenticationError(`There is no key for the server. Give apiKey, or set OPENAI_API_KEY. Cause: ${cause}`, {
      cause: error,
      secrets,
    });
  }
  return new BackendError(`The openai client could not be made. Cause: ${cause}`, { cause: error, secrets });
}
