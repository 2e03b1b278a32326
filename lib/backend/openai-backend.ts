import { asyncScheduler } from 'rxjs';
import { ContractError } from '../errors/contract-error.js';
import type { LLMBackend } from './backend.js';
import { lazyBackend } from './lazy-backend.js';
import type { OpenAIBackendConfig } from './openai-config.js';

const SETTLE_WITHIN = 1000;

/** Timers of the platform wait no longer: a longer one ends at once. */
const LONGEST_WAIT = 2 ** 31 - 1;

/**
 * A model behind any server that speaks OpenAI's chat completions: OpenAI itself, Azure, vLLM, llama.cpp, Ollama,
 * OpenRouter and many more. It uses the `openai` client for the request and reads the raw answer itself; both that
 * client and the code that speaks to servers are loaded at the first request.
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
 * because the answer was too long), `BackendError` (the request could not be made, or what it takes not be loaded). None
 * holds the key or a header, those of a client of your own included.
 *
 * @throws ContractError where `settleWithin` makes no sense.
 */
export function openAIBackend(config: OpenAIBackendConfig): LLMBackend {
  const { scheduler = asyncScheduler, settleWithin = SETTLE_WITHIN } = config;
  if (!(settleWithin >= 0 && settleWithin <= LONGEST_WAIT)) {
    throw new ContractError(`settleWithin is ${String(settleWithin)}. Give milliseconds, 0 to ${LONGEST_WAIT}.`);
  }
  return lazyBackend(() => import('./openai-requests.js').then((module) => module.openAIRequests({ ...config, scheduler, settleWithin })));
}
