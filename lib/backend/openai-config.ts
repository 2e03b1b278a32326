import type { SchedulerLike } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import type { ChatCompletionsClient } from './openai-client.js';
import type { TimeoutConfig } from './timeout-config.js';

/** How much of an answer is taken in. What is larger is cut off, its socket closed at once. */
export interface AnswerLimits {
  /** The whole body, keep-alives included. Defaults to 8 MiB. */
  readonly answerBytes?: number;
  /**
   * One event of the stream. Defaults to 4 MiB. Counted in UTF-16 code units, so that characters that are no ASCII count
   * for less than their bytes.
   */
  readonly eventBytes?: number;
}

/** Configuration of `openAIBackend`. */
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
   * How long an answer is waited for: each clock as in `withTimeout`, with its defaults. `null`: as long as it takes. They
   * run from when the code that speaks to servers is there; what `openai` takes to be loaded counts. A client of your own
   * keeps its own limit for the headers of the answer unless you give `connect`. The `fetch` of Node gives up on its own
   * where no byte comes for 300,000.
   */
  readonly timeouts?: TimeoutConfig | null;
  /** How much of an answer is taken in, in bytes after unpacking, from 1; `Infinity` for no limit. */
  readonly limits?: AnswerLimits;
  /**
   * How long an answer that said that it ended waits for its usage and for the end of the body, in milliseconds, 0 to
   * 2^31 - 1. Defaults to 1000. Most servers end the body at once and are not waited for.
   */
  readonly settleWithin?: number;
  /** What time is told by. Defaults to `asyncScheduler`, which is virtual under `TestScheduler.run`. */
  readonly scheduler?: SchedulerLike;
}
