import { defer, map, type Observable } from 'rxjs';
import type { ChatCompletionBody } from './openai-request.js';
import { isTooDeep } from './is-too-deep.js';
import { isWireRecord } from './wire.js';
import { LONGEST_DELAY } from '../internal/longest-delay.js';

/**
 * The part of an `openai` client that a backend uses. Clients of both majors, 6 and 7, fit, and so does anything else
 * that resolves to a `Response`.
 */
export interface ChatCompletionsClient {
  readonly chat: {
    readonly completions: {
      create(
        body: ChatCompletionBody,
        options: {
          readonly signal: AbortSignal;
          readonly headers: Record<string, string>;
          readonly maxRetries: number;
          /** How long the client waits for the headers, in milliseconds. Left out, as it likes. */
          readonly timeout?: number;
        },
      ): { asResponse(): Promise<Response> };
    };
  };
}

/** What a client is made of, and what goes along with its requests. */
export interface ClientConfig {
  readonly baseURL?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Sent to a server of one's own that wants no key: the client insists on one. */
const NO_KEY = 'no-key';

const parse = (text: string): unknown => {
  try {
    return isTooDeep(text) ? text : (JSON.parse(text) as unknown);
  } catch {
    return text;
  }
};

/** The most that is read of a refusal, in bytes: some quote the request, nobody needs more. */
const LARGEST_REFUSAL = 2 ** 20;

/** A body that ends, and is let go of, when so much of it has come. */
function cut(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  let room = LARGEST_REFUSAL;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (piece, controller) => {
        controller.enqueue(piece.subarray(0, room));
        room -= piece.length;
        if (room <= 0) controller.terminate();
      },
    }),
  );
}

/** The refusal with its body as `{ error: body }`, unless there is an `error` in it already. */
const wrapBody = (response: Response, text: string): Response => {
  const body = parse(text);
  const hasError = isWireRecord(body) && body['error'] !== undefined && body['error'] !== null && body['error'] !== '';
  const { status, statusText, headers } = response;
  return new Response(JSON.stringify(hasError ? body : { error: body }), { status, statusText, headers });
};

/**
 * `fetch` for a client that throws away every refusal's body that has no `error`, and with it what a server such as
 * vLLM finds wrong. A body that breaks off, or is cut off for its size, does not hide the status.
 */
const withDetail =
  (fetchOnce: typeof fetch): typeof fetch =>
  (input, init) =>
    fetchOnce(input, init).then((response) => {
      if (response.status < 400) return response;
      return new Response(response.body && cut(response.body)).text().then(
        (text) => wrapBody(response, text),
        () => wrapBody(response, ''),
      );
    });

/**
 * A client of the installed `openai` package, which is loaded when this is subscribed. Without `apiKey` the key comes
 * from `OPENAI_API_KEY`; where that is missing too, a server named by `baseURL` is asked with a placeholder. It has no
 * clock of its own.
 *
 * @internal
 */
export const loadClient = ({ baseURL, apiKey }: ClientConfig): Observable<ChatCompletionsClient> =>
  defer(() => import('openai')).pipe(
    map(({ OpenAI }): ChatCompletionsClient => {
      const options = { baseURL, maxRetries: 0, timeout: LONGEST_DELAY, fetch: withDetail(fetch) };
      if (apiKey !== undefined) return new OpenAI({ ...options, apiKey });
      try {
        return new OpenAI(options);
      } catch (error) {
        if (baseURL === undefined) throw error;
        return new OpenAI({ ...options, apiKey: NO_KEY });
      }
    }),
  );

/** The parts of an `openai` client that are there in both majors, though not in the port. */
interface OwnParts extends ChatCompletionsClient {
  readonly fetch?: unknown;
  readonly withOptions?: unknown;
  readonly _options?: unknown;
  readonly apiKey?: unknown;
  readonly adminAPIKey?: unknown;
  readonly organization?: unknown;
  readonly project?: unknown;
}

const isFetch = (value: unknown): value is typeof fetch => typeof value === 'function';

const isClient = (value: unknown): value is ChatCompletionsClient =>
  isWireRecord(value) && isWireRecord(value['chat']) && isWireRecord(value['chat']['completions']);

/**
 * A user's client that keeps what a server finds wrong: its twin with a `fetch` around its own. The client itself where
 * it cannot have one, and where somebody wrapped its `create`, since the twin would go past the wrapper.
 *
 * @internal
 */
export function keepDetail(client: ChatCompletionsClient): ChatCompletionsClient {
  const { fetch: own, withOptions }: OwnParts = client;
  if (!isFetch(own) || typeof withOptions !== 'function') return client;
  try {
    const twin: unknown = Reflect.apply(withOptions, client, [{ fetch: withDetail((input, init) => own(input, init)) }]);
    return isClient(twin) && twin.chat.completions.create === client.chat.completions.create ? twin : client;
  } catch {
    return client;
  }
}

/** A value of a cookie that is long enough to be nothing else. */
const COOKIE_VALUE = /(?:^|; *)[^\s;=]+=([^\s;]{8,})/g;

/** A header such as `Bearer abc` is a secret as a whole and without its scheme, one such as `a=b; c=d` is so in its values. */
const headerSecrets = (value: string): readonly string[] => [
  value,
  value.slice(value.lastIndexOf(' ') + 1),
  ...Array.from(value.matchAll(COOKIE_VALUE), ([, part = '']) => part),
];

/** The values of headers in whichever form a client takes them. */
function headerValues(headers: unknown): readonly string[] {
  if (headers instanceof Headers) return [...headers.values()];
  const values: readonly unknown[] = Array.isArray(headers)
    ? headers.map((entry: unknown) => (Array.isArray(entry) ? (entry[1] as unknown) : undefined))
    : Object.values(isWireRecord(headers) ? headers : {});
  return values.flat().filter((value) => typeof value === 'string');
}

/** What a client has of its own that is nobody else's affair. */
function clientSecrets(client: OwnParts): readonly string[] {
  const { apiKey, adminAPIKey, organization, project, _options: options } = client;
  const headers = isWireRecord(options) ? headerValues(options['defaultHeaders']) : [];
  return [...[apiKey, adminAPIKey, organization, project].filter((value) => typeof value === 'string'), ...headers.flatMap(headerSecrets)];
}

/**
 * What must appear in no error: the key and the values of the headers, those of the client itself included.
 *
 * @internal
 */
export function secretsOf({ apiKey, headers = {} }: ClientConfig, client?: ChatCompletionsClient): readonly string[] {
  const keys = apiKey === undefined ? [] : [apiKey];
  const own = client === undefined ? [] : clientSecrets(client);
  return [...keys, ...own, ...Object.values(headers).flatMap(headerSecrets)].filter((secret) => secret !== NO_KEY);
}
