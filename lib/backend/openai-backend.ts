import {
  asyncScheduler,
  catchError,
  concatMap,
  defer,
  finalize,
  from,
  of,
  switchMap,
  tap,
  throwError,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import { ContractError } from '../errors/contract-error.js';
import { fromMany } from '../internal/from-input.js';
import type { LLMBackend, LLMChunk, LLMRequest } from './backend.js';
import { toChunks } from './chat-completion-stream.js';
import { concede } from './concede.js';
import { keepDetail, loadClient, secretsOf, type ChatCompletionsClient } from './openai-client.js';
import { toClientError, toRequestError, type ErrorContext } from './openai-error.js';
import { toRequestBody, type Concessions } from './openai-request.js';
import { decodeText } from './decode-text.js';

export type { ChatCompletionsClient } from './openai-client.js';

/** Configuration of {@link openAIBackend}. */
export interface OpenAIBackendConfig {
  /** The name of the model, as the server knows it. */
  readonly model: string;
  /** Where `/chat/completions` is added, mostly ending in `/v1`. Defaults to `OPENAI_BASE_URL`, else to OpenAI. */
  readonly baseURL?: string;
  /** Defaults to `OPENAI_API_KEY`. A server named by `baseURL` needs none. */
  readonly apiKey?: string;
  /** Sent along with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * A client of your own, of the `openai` package 6 or 7: `baseURL` and `apiKey` are then its affair. Requests go through
   * a twin of it, made by its `withOptions`, that keeps what a server says in a refusal without an `error` field, as vLLM
   * sends it. Where there can be no twin (another kind of client, or one whose `create` was wrapped), such a refusal is
   * known by its status only: nothing is given up after it, and its error does not quote it.
   */
  readonly client?: ChatCompletionsClient;
  /** Further fields for the body of every request, such as `reasoning_effort`. They win over the request's. */
  readonly extraBody?: JsonRecord;
  /**
   * How long an answer that said that it ended waits for its usage and for the end of the body, in milliseconds, 0 to
   * 2^31 - 1. Defaults to 1000. Most servers end the body at once and are not waited for.
   */
  readonly settleWithin?: number;
  /** What time is told by. Defaults to `asyncScheduler`, which is virtual under `TestScheduler.run`. */
  readonly scheduler?: SchedulerLike;
}

const SETTLE_WITHIN = 1000;

/** Timers of the platform wait no longer: a longer one ends at once. */
const LONGEST_WAIT = 2 ** 31 - 1;

/** What a schema is remembered by. */
const keyOf = ({ responseFormat }: LLMRequest): string => JSON.stringify(responseFormat?.schema) ?? '';

/** Runs what takes an `AbortSignal` and aborts it when the stream ends, in whichever way. */
const withAbortSignal = <T>(project: (signal: AbortSignal) => Observable<T>): Observable<T> =>
  defer(() => {
    const controller = new AbortController();
    return project(controller.signal).pipe(
      finalize(() => {
        controller.abort();
      }),
    );
  });

/**
 * A model behind any server that speaks OpenAI's chat completions: OpenAI itself, Azure, vLLM, llama.cpp, Ollama,
 * OpenRouter and many more. It uses the `openai` client for the request, loaded at the first one, and reads the raw
 * answer itself.
 *
 * ```ts
 * const backend = openAIBackend({ model: 'qwen3', baseURL: 'http://localhost:11434/v1' });
 * backend.stream({ messages: [{ role: 'user', content: 'Hi' }] }).subscribe(console.log);
 * ```
 *
 * Cold: nothing is asked before a subscription, and each one is a request of its own. Unsubscribing aborts it down to
 * the socket, whether it is connecting, waiting or in the middle of the answer. Nothing is retried, but for one thing:
 * a server that does not take `stream_options`, `max_tokens`, `temperature` or `response_format` is asked again without,
 * and what it then accepts is remembered for later requests. A schema that it refuses is asked for again as one that is
 * not strict, then in words, which is remembered for this schema alone. A value that it refuses is an error.
 *
 * There is no timeout yet but that of the client, which ends with the headers of the answer: a server that falls silent
 * in the middle is waited for until you unsubscribe. Compose one, such as `timeout` of RxJS:
 *
 * ```ts
 * backend.stream(request).pipe(timeout({ first: 60_000, each: 20_000 }));
 * ```
 *
 * Text and reasoning are emitted as they arrive. Tool calls, the usage and the finish come when the answer has ended in
 * good order, in this order: with text `a`, finish reason `f`, usage `u` and `[DONE]`,
 *
 * ```text
 * server           -a-f-u-D---|
 * stream(request)  -a-----(uf)|
 * ```
 *
 * Errors by tag: `AuthenticationError` (401, 402, 403, no key), `RateLimitError` (429, with its wait), `NotFoundError`,
 * `BadRequestError`, `ServerError` (5xx, or reported inside the stream), `NetworkError` (no connection, or it broke
 * before the answer began), `TruncatedError` (the answer ended before it was complete; has the partial text),
 * `MalformedError` (no chat completion at all), `ToolCallError` (a tool call that is not sound, or that was cut off
 * because the answer was too long). None holds the key or a header, those of a client of your own included.
 *
 * @throws ContractError where `settleWithin` makes no sense.
 */
export function openAIBackend(config: OpenAIBackendConfig): LLMBackend {
  const { headers = {}, scheduler = asyncScheduler, settleWithin = SETTLE_WITHIN } = config;
  if (!(settleWithin >= 0 && settleWithin <= LONGEST_WAIT)) {
    throw new ContractError(`settleWithin is ${String(settleWithin)}. Give milliseconds, 0 to ${LONGEST_WAIT}.`);
  }
  let client = config.client === undefined ? undefined : keepDetail(config.client);
  let learned: Concessions = {};
  /** What was given up for a schema, by the schema. */
  const learnedOf = new Map<string, Concessions>();

  const learn = (request: LLMRequest, { schema, ...forAll }: Concessions): void => {
    learned = { ...learned, ...forAll };
    if (schema !== undefined) learnedOf.set(keyOf(request), { schema });
  };

  const contextFor = (used?: ChatCompletionsClient): ErrorContext => ({
    secrets: secretsOf(config, used),
    now: () => scheduler.now(),
  });

  const client$ = defer(() => (client === undefined ? loadClient(config) : of(client))).pipe(
    catchError((error: unknown) => throwError(() => toClientError(error, contextFor()))),
    tap((loaded) => {
      client = loaded;
    }),
  );

  /** Asks, and asks again without what the server refuses: what was given up once is not given up again. */
  const ask = (used: ChatCompletionsClient, request: LLMRequest, signal: AbortSignal, conceded: Concessions): Observable<Response> => {
    const body = toRequestBody(request, config, conceded);
    return defer(() => from(used.chat.completions.create(body, { signal, headers, maxRetries: 0 }).asResponse())).pipe(
      tap(() => {
        learn(request, conceded);
      }),
      catchError((error: unknown) => {
        const concession = concede(error, body, conceded);
        if (concession === undefined) return throwError(() => toRequestError(error, contextFor(used)));
        return ask(used, request, signal, { ...conceded, ...concession });
      }),
    );
  };

  const readAnswer = (response: Response, used: ChatCompletionsClient): Observable<LLMChunk> => {
    const contentType = response.headers.get('content-type') ?? 'something without a content type';
    return fromMany<Uint8Array>(response.body ?? []).pipe(
      decodeText(),
      toChunks({ contentType, settleWithin, scheduler, secrets: secretsOf(config, used) }),
    );
  };

  return {
    stream: (request) =>
      withAbortSignal((signal) =>
        client$.pipe(
          switchMap((used) => {
            const conceded = { ...learned, ...learnedOf.get(keyOf(request)) };
            return ask(used, request, signal, conceded).pipe(concatMap((response) => readAnswer(response, used)));
          }),
        ),
      ),
  };
}
