import { defer, throwError, type Observable } from 'rxjs';
import { nextAttempt, type AttemptSignal } from '../domain/attempt.js';
import type { Decoder } from '../domain/decode.js';
import type { JsonRecord } from '../domain/json.js';
import { jsonSchema } from '../domain/json-schema.js';
import type { Usage } from '../domain/usage.js';
import { ContractError } from '../errors/contract-error.js';
import { redact } from '../errors/redact.js';
import { StructuredOutputError } from '../errors/structured-output-error.js';
import { emitThen } from '../internal/emit-then.js';
import { askBackend } from './ask-backend.js';
import type { LLMBackend, LLMRequest } from './backend.js';
import { MOST_ISSUES, repairMessages } from './repair-messages.js';
import { readStructuredAnswer, type AnswerFault, type AnswerSignal } from './structured-answer.js';
import type { StructuredTokensConfig } from './structured-tokens.js';

/** What {@link generateStructured} emits: tokens and usage while the answer forms, then one value. */
export type StructuredSignal<A> =
  /**
   * `channel` is the name of a top-level text field of the answer, or `reasoning`. `attempt` counts from 1; a higher one
   * replaces everything that was said before.
   */
  | { readonly type: 'token'; readonly token: string; readonly channel: string; readonly attempt: number }
  /** What a request cost: at most one a request, repairs included. */
  | { readonly type: 'usage'; readonly usage: Usage }
  /** The answer as the codec accepted it. Always last. */
  | { readonly type: 'value'; readonly value: A };

/** Configuration of {@link generateStructured}. */
export interface StructuredOptions {
  /** How often an answer that does not decode is sent back with what was wrong, a whole number from 0 to 100. Defaults to 1. */
  readonly repairs?: number;
  /** The JSON Schema that the server is asked to keep to. Defaults to what {@link jsonSchema} derives from the codec. */
  readonly schema?: JsonRecord;
  /** The name of the schema. Defaults to one made from the codec's name. */
  readonly name?: string;
  /** The top-level text fields whose tokens are emitted, beside `reasoning`. Defaults to all. */
  readonly channels?: readonly string[];
}

/** Each repair is asked for within the one before it, and shows the model all of them. */
const MOST_REPAIRS = 100;

/** A number of repairs that makes sense, as it is; throws a `ContractError` for any other. */
export const checkRepairs = (repairs: number): number => {
  if (Number.isSafeInteger(repairs) && repairs >= 0 && repairs <= MOST_REPAIRS) return repairs;
  throw new ContractError(`repairs has to be a whole number from 0 to ${MOST_REPAIRS}, not ${repairs}.`);
};

/** Lower than for free text: fewer answers that do not decode. */
const TEMPERATURE = 0.3;
const MAX_TOKENS = 1024;

/** Servers take a name of at most 64 letters, digits, `_` and `-`. */
const schemaName = (name: string): string => name.replaceAll(/[^\w-]+/g, '_').slice(0, 64) || 'answer';

/** Only an object may be the root of a schema in strict mode; for others the server is left alone. */
const derivedSchema = (codec: Decoder<unknown>): JsonRecord | undefined => {
  const schema = jsonSchema(codec);
  return schema?.['type'] === 'object' ? schema : undefined;
};

/** A request with what it left out. */
type FilledRequest = LLMRequest & { readonly maxTokens: number };

const fillRequest = (
  request: LLMRequest,
  codec: Decoder<unknown>,
  { schema = derivedSchema(codec), name = codec.name }: StructuredOptions,
): FilledRequest => {
  const responseFormat = request.responseFormat ?? (schema === undefined ? undefined : { name: schemaName(name), schema });
  return {
    ...request,
    temperature: request.temperature === undefined ? TEMPERATURE : request.temperature,
    maxTokens: request.maxTokens ?? MAX_TOKENS,
    ...(responseFormat === undefined ? {} : { responseFormat }),
  };
};

const outputError = ({ issues, received }: AnswerFault, repairs: number): StructuredOutputError => {
  const asked = repairs === 0 ? '' : `, though it was asked for again ${repairs === 1 ? 'once' : `${repairs} times`}`;
  // A model may quote a key that it was shown.
  const told = issues.map((issue) => redact(issue));
  const untold = told.length > MOST_ISSUES ? `; and ${told.length - MOST_ISSUES} more` : '';
  const message = `The model's answer does not decode${asked}: ${told.slice(0, MOST_ISSUES).join('; ')}${untold}`;
  return new StructuredOutputError(message, { issues: told, received: redact(received) });
};

/** Configuration of {@link concludeStructured}. */
interface ConcludeOptions<A, R> extends StructuredOptions {
  /** What is said of the value. */
  readonly conclude: (value: A) => R;
  /** What is said of an attempt that is void and of the one after it. Defaults to nothing. */
  readonly tellAttempt?: (signal: AttemptSignal) => R;
  /** The attempt that the first answer is, from 1, the default. */
  readonly attempt?: number | undefined;
}

/** Above the first attempt something may have been said before, be it by another: nothing of it is to be left standing. */
const beginAt = (attempt: number, channels: readonly string[] | undefined): StructuredTokensConfig =>
  attempt > 1 ? { channels, attempt, heard: { channel: channels?.[0] ?? 'reasoning', attempt: attempt - 1 } } : { channels, attempt };

/**
 * Asks for JSON as {@link generateStructured} does, and says of the value what is concluded from it. What is void of the
 * answers is told at once, before anything is said or asked for anew.
 *
 * @internal
 */
export function concludeStructured<A, R>(
  backend: LLMBackend,
  request: LLMRequest,
  codec: Decoder<A>,
  { conclude, tellAttempt, attempt = 1, ...options }: ConcludeOptions<A, R>,
): Observable<AnswerSignal<R>> {
  const { channels } = options;
  const repairs = checkRepairs(options.repairs ?? 1);

  const ask = (asked: FilledRequest, begin: StructuredTokensConfig, left: number): Observable<AnswerSignal<R>> => {
    const repair = (fault: AnswerFault): Observable<AnswerSignal<R>> => {
      if (left <= 0) return throwError(() => outputError(fault, repairs));
      const next = { channels, attempt: fault.attempt + 1, heard: fault.heard };
      const askAgain = (): Observable<AnswerSignal<R>> =>
        ask({ ...asked, messages: repairMessages(asked.messages, fault) }, next, left - 1);
      if (tellAttempt === undefined) return askAgain();
      const [dropped, begun] = nextAttempt(fault.attempt, `the answer does not decode: ${fault.issues.join('; ')}`);
      return emitThen(tellAttempt(dropped), () => emitThen(tellAttempt(begun), askAgain));
    };
    return askBackend(backend, asked).pipe(
      readStructuredAnswer({ ...begin, codec, maxTokens: asked.maxTokens, repair, conclude, tellAttempt }),
    );
  };

  return defer(() => ask(fillRequest(request, codec, options), beginAt(attempt, channels), repairs));
}

/**
 * Asks a model for JSON and gives its text fields while they form, then the value that the codec accepted.
 *
 * ```text
 * backend                       -{-"a":"-x-y-"}-|
 * generateStructured(backend)   ---------x-y----(v|)
 * ```
 *
 * The JSON is found between prose and fences: the first object of the answer that decodes is the value, once the
 * backend has completed. Nulls of optional properties count as left out. An answer without such an object, or one
 * that was cut off, is sent back with what was wrong with it, `repairs` times.
 *
 * The tokens of a channel in the highest attempt, joined, are that field of the value: where it says nothing there, an
 * empty token of that attempt takes back what was said before.
 *
 * Cold: a subscription is one request and its repairs; what is kept of an answer, its text, goes with it.
 * Unsubscribing reaches the backend. The time it takes is linear in the answer's length, whatever its pieces.
 *
 * ```ts
 * const Verdict = t.strict({ reason: t.string, isDone: t.boolean }, 'Verdict');
 * const backend = scriptedBackend(['{"reason":"all tests pass","isDone":true}']);
 * generateStructured(backend, { messages: [{ role: 'user', content: 'Are we done?' }] }, Verdict).subscribe(console.log);
 * // { type: 'token', token: 'all tests pass', channel: 'reason', attempt: 1 }
 * // { type: 'value', value: { reason: 'all tests pass', isDone: true } }
 * ```
 *
 * @param request - `temperature` is 0.3 and `maxTokens` 1024 unless given.
 * @param codec - Any io-ts codec of an object.
 * @throws `ContractError` at the call for `repairs` that make no sense. `StructuredOutputError` where the last repair did not decode either; errors of the backend as they are.
 */
export function generateStructured<A>(
  backend: LLMBackend,
  request: LLMRequest,
  codec: Decoder<A>,
  options: StructuredOptions = {},
): Observable<StructuredSignal<A>> {
  return concludeStructured(backend, request, codec, { ...options, conclude: (value) => ({ type: 'value' as const, value }) });
}
