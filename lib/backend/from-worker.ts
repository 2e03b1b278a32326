import { availableParallelism } from 'node:os';
import { catchError, concatMap, defer, finalize, from, map, throwError, type Observable } from 'rxjs';
import { Tinypool } from 'tinypool';
import { BackendError } from '../errors/backend-error.js';
import { ContractError } from '../errors/contract-error.js';
import { errorText } from '../errors/describe-error.js';
import type { LLMBackend } from './backend.js';
import { wholeAnswer } from './whole-answer.js';

/** Configuration of {@link fromWorker}. */
export interface WorkerConfig {
  /** How many calls run side by side, a whole number from 1; further ones wait. Defaults to the number of cores less one. */
  readonly threads?: number;
}

/** A backend whose model runs on worker threads. */
export interface WorkerBackend extends LLMBackend {
  /**
   * Ends the threads, and every call that is running or waiting with a `BackendError`; emits and completes when they are
   * gone. Cold. A later request starts the threads anew. Not needed to let the process end: idle threads do not hold it.
   */
  close(): Observable<void>;
}

const startPool = (threads: number): Tinypool => {
  // As many at least as at most: a thread that was terminated for a cancelled call is replaced at once, and what waits
  // for one does not wait for the next request.
  const pool = new Tinypool({ minThreads: threads, maxThreads: threads });
  // A thread that fails between two calls is replaced; without a listener it would end the process.
  pool.on('error', () => undefined);
  return pool;
};

/**
 * A backend from a function that blocks, such as a model that computes on the CPU: it runs on worker threads, so the
 * event loop stays free. The default export of the file is `(request) => string`, or a Promise of one; the answer
 * arrives as one token.
 *
 * ```text
 * function in its thread              ###########x
 * stream(request)                     -----------(tf|)    t: the text x, f: finish 'stop'
 * interval in the main thread         -i-i-i-i-i-i-i-i
 * ```
 *
 * The threads start with the first request and are shared by all. Cold: a subscription is one call. Unsubscribing a
 * call that waits takes it back; unsubscribing one that runs terminates its thread and replaces it.
 *
 * ```ts
 * // blocking-model.mjs:  export default ({ messages }) => think(messages.at(-1).content);
 * const backend = fromWorker(new URL('./blocking-model.mjs', import.meta.url), { threads: 2 });
 * generate(backend, { messages: [{ role: 'user', content: 'hello' }] }).subscribe(console.log);
 * ```
 *
 * @param url - The worker's file: a `file:` URL or an absolute path, in plain JavaScript.
 * @throws `ContractError` from the maker where `threads` is no whole number from 1. `BackendError` with the cause, where the file cannot be loaded, the function fails or gives no text.
 */
export function fromWorker(url: URL | string, { threads = Math.max(1, availableParallelism() - 1) }: WorkerConfig = {}): WorkerBackend {
  // A pool without threads would wait for ever.
  if (!Number.isSafeInteger(threads) || threads < 1) throw new ContractError(`threads has to be a whole number from 1, not ${threads}.`);
  let pool: Tinypool | undefined;

  return {
    stream: (request) =>
      defer(() => {
        const running = (pool ??= startPool(threads));
        const controller = new AbortController();
        // The file goes with the call and not with the pool: one that cannot be loaded then fails its call, where the
        // pool would wait for ever.
        const filename = url instanceof URL ? url.href : url;
        return from(running.run(request, { filename, signal: controller.signal })).pipe(
          finalize(() => {
            // A pool that is being closed ends the call itself; an abort would make it start another thread.
            if (pool === running) controller.abort();
          }),
        );
      }).pipe(
        catchError((cause: unknown) => throwError(() => new BackendError(`The worker's function failed: ${errorText(cause)}`, { cause }))),
        concatMap((text: unknown) => wholeAnswer(text, "The worker's function")),
      ),
    close: () =>
      defer(() => {
        const closing = pool;
        pool = undefined;
        return from(closing === undefined ? Promise.resolve() : closing.destroy());
      }).pipe(map(() => undefined)),
  };
}
