import { asyncScheduler } from 'rxjs';
import { ContractError } from '../errors/contract-error.js';
import type { LLMBackend } from './backend.js';
import { lazyBackend } from './lazy-backend.js';
import type { OpenAIBackendConfig } from './openai-config.js';
import { checkTimeouts, checkWait } from './timeout-config.js';

const SETTLE_WITHIN = 1000;
const ANSWER_BYTES = 8 * 2 ** 20;
const EVENT_BYTES = 4 * 2 ** 20;

function checkLimit(name: string, bytes: number): void {
  if (!(bytes >= 1)) throw new ContractError(`limits.${name} is ${String(bytes)}. Give bytes, from 1, or Infinity for no limit.`);
}

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
 * A server that does not begin to answer, falls silent, or comes to no end is given up: `timeouts` are the clocks of
 * `withTimeout`, on unless they are `null`, and keep-alives do not mask a silence. An answer that is too large is cut off
 * and its socket closed, however it was packed: `limits`, 8 MiB an answer and 4 MiB an event, and 1 MiB a refusal, of
 * which the rest is not read.
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
 * `BadRequestError`, `ServerError` (5xx, or reported inside the stream), `TimeoutError` (a clock ran out; has the partial
 * text), `AnswerLimitError` (too large; has the beginning of the text), `NetworkError` (no connection, or it broke
 * before the answer began), `TruncatedError` (the answer ended before it was complete; has the partial text),
 * `MalformedError` (no chat completion at all), `ToolCallError` (a tool call that is not sound, or that was cut off
 * because the answer was too long), `BackendError` (the request could not be made, or what it takes not be loaded). None
 * holds the key or a header, those of a client of your own included.
 *
 * @throws ContractError where `settleWithin`, a clock or a limit makes no sense.
 */
export function openAIBackend(config: OpenAIBackendConfig): LLMBackend {
  const { scheduler = asyncScheduler, settleWithin = SETTLE_WITHIN, timeouts = {}, limits = {} } = config;
  const { answerBytes = ANSWER_BYTES, eventBytes = EVENT_BYTES } = limits;
  checkWait('settleWithin', settleWithin, 0);
  if (timeouts !== null) checkTimeouts(timeouts);
  checkLimit('answerBytes', answerBytes);
  checkLimit('eventBytes', eventBytes);
  const complete = { ...config, scheduler, settleWithin, timeouts, answerBytes, eventBytes };
  return lazyBackend(() => import('./openai-requests.js').then((module) => module.openAIRequests(complete)));
}
