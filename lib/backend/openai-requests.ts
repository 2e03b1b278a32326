import { catchError, defer, from, Observable, of, tap, throwError, type SchedulerLike } from 'rxjs';
import { attempt } from '../errors/redact.js';
import { fromMany } from '../internal/from-input.js';
import { oneThen } from '../internal/one-then.js';
import { timedStream, type ReadingClocks } from './timed-stream.js';
import type { LLMBackend, LLMChunk, LLMRequest } from './backend.js';
import { toChunks } from './chat-completion-stream.js';
import { concede } from './concede.js';
import { decodeText } from './decode-text.js';
import { keepDetail, loadClient, secretsOf, type ChatCompletionsClient } from './openai-client.js';
import type { OpenAIBackendConfig } from './openai-config.js';
import { toClientError, toRequestError, type ErrorContext } from './openai-error.js';
import { toRequestBody, type Concessions } from './openai-request.js';
import type { TimeoutConfig } from './timeout-config.js';
import { LONGEST_DELAY } from '../internal/longest-delay.js';

/** The configuration with what it left out. */
interface OpenAIRequestsConfig extends OpenAIBackendConfig {
  readonly settleWithin: number;
  readonly scheduler: SchedulerLike;
  readonly timeouts: TimeoutConfig | null;
  readonly answerBytes: number;
  readonly eventBytes: number;
}

/** What hears of an answer on the way. */
interface Listeners {
  readonly onContent: (() => void) | undefined;
  readonly clocks: ReadingClocks | undefined;
  readonly settle: () => void;
}

/** What a schema is remembered by. */
const keyOf = ({ responseFormat }: LLMRequest): string => JSON.stringify(responseFormat?.schema) ?? '';

/** What can be aborted. */
interface Abortable {
  readonly signal: AbortSignal;
  /** The body was read to its end and the connection is free: an abort would only cost, 2 % of a step of a tool loop. */
  readonly settle: () => void;
}

/** Runs what can be aborted, and aborts it when the stream ends in whichever way, unless it has been settled. */
const withAbortSignal = <T>(project: (abortable: Abortable) => Observable<T>): Observable<T> =>
  new Observable((subscriber) => {
    const controller = new AbortController();
    let isSettled = false;
    subscriber.add(() => {
      if (!isSettled) controller.abort();
    });
    const settle = (): void => {
      isSettled = true;
    };
    project({ signal: controller.signal, settle }).subscribe(subscriber);
  });

/**
 * What `openAIBackend` does at a request. Everything that speaks to a server is imported here and nowhere else, so that
 * it is loaded with this module, at the first request.
 *
 * @internal
 */
export function openAIRequests(config: OpenAIRequestsConfig): LLMBackend {
  const { headers = {}, scheduler, settleWithin, timeouts, answerBytes, eventBytes } = config;
  /** Who says how long to connect means it, whatever the client's own limit is. */
  const ownLimit = timeouts?.connect === undefined ? {} : { timeout: LONGEST_DELAY };
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
    return defer(() => from(used.chat.completions.create(body, { signal, headers, maxRetries: 0, ...ownLimit }).asResponse())).pipe(
      tap(() => {
        learn(request, conceded);
      }),
      catchError((error: unknown) => {
        // Clients may parse refusals that are nested too deep to be written.
        const concession = attempt(() => concede(error, body, conceded));
        if (concession === undefined) return throwError(() => toRequestError(error, contextFor(used)));
        return ask(used, request, signal, { ...conceded, ...concession });
      }),
    );
  };

  const readAnswer = (response: Response, used: ChatCompletionsClient, { settle, ...listeners }: Listeners): Observable<LLMChunk> => {
    const contentType = response.headers.get('content-type') ?? 'something without a content type';
    return fromMany<Uint8Array>(response.body ?? []).pipe(
      // A client of the user's may put a body of its own before a connection that is still open.
      decodeText({ maxBytes: answerBytes, onEnd: config.client === undefined ? settle : undefined }),
      toChunks({ contentType, settleWithin, scheduler, eventBytes, ...listeners, secrets: secretsOf(config, used) }),
    );
  };

  const stream = (request: LLMRequest, clocks?: ReadingClocks): Observable<LLMChunk> =>
    withAbortSignal(({ signal, settle }) =>
      client$.pipe(
        oneThen((used) => {
          // Nearly always nothing was learned of a schema, and writing it down is not free.
          const conceded = learnedOf.size === 0 ? learned : { ...learned, ...learnedOf.get(keyOf(request)) };
          return ask(used, request, signal, conceded).pipe(
            oneThen((response) => {
              request.onOpen?.();
              return readAnswer(response, used, { onContent: request.onContent, clocks, settle });
            }),
          );
        }),
      ),
    );

  if (timeouts === null) return { stream: (request) => stream(request) };
  return { stream: timedStream(stream, { scheduler, ...timeouts, secrets: () => secretsOf(config, client) }) };
}
