import { defer, from, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import type { CacheError } from '../errors/cache-error.js';
import { ContractError } from '../errors/contract-error.js';
import { oneThen } from '../internal/one-then.js';
import { operate } from '../internal/operate.js';
import { memoryStore, type AnswerStore, type MemoryStoreConfig, type StoredAnswer } from './answer-store.js';
import { askBackend, decoratedBackend } from './ask-backend.js';
import type { LLMBackend, LLMChunk, LLMRequest } from './backend.js';
import { guardedStore } from './guarded-store.js';
import { KeptAnswer } from './kept-answer.js';
import { requestKey } from './request-key.js';

/** Configuration of {@link withCache}. */
export interface CacheConfig extends MemoryStoreConfig {
  /** Where the answers are kept, in place of memory; it needs `onError`, and `capacity` and `ttl` are its own affair. */
  readonly store?: AnswerStore;
  /** What the request is told apart by. Defaults to its JSON, which the function is given; `undefined`: not kept at all. */
  readonly key?: (request: LLMRequest, json: string) => string | undefined;
  /** Whether answers are kept that another request would have got otherwise: those of a temperature other than 0. Defaults to false. */
  readonly anyTemperature?: boolean;
  /** Told each time that the store fails. Needed with a `store`, since nobody else would know. */
  readonly onError?: (error: CacheError) => void;
}

const storeOf = (config: CacheConfig): (() => AnswerStore) => {
  const { store, capacity, ttl, onError } = config;
  if (store === undefined) {
    // What is wrong is to be known at once, and not when something is decorated.
    memoryStore(config);
    return () => memoryStore(config);
  }
  if (capacity !== undefined || ttl !== undefined)
    throw new ContractError('capacity and ttl are for the store in memory: a store of your own has them itself.');
  if (onError === undefined) throw new ContractError('A store of your own needs onError: nobody would know that it fails.');
  return () => store;
};

/**
 * A backend that gives the answer it gave before to the same question, and asks nobody for it.
 *
 * ```text
 * backend                  --a-b-(fu|)
 * withCache()(backend)
 *   subscribed at 0        --a-b-(fu|)
 *   subscribed at 9        ---------(abf|)    at once, and without a usage: it costs nothing
 * ```
 *
 * Kept are whole, good answers: completed, with the finish `stop` or `tool_calls`, and saying something; of one with a
 * `restart` what followed it. What failed, was left, cut off or filtered is asked for again. Only requests of temperature
 * 0 are looked up and kept, unless `anyTemperature` is set: others are asked anew because the answer may differ, and an
 * agent that got nowhere would be given the same decision for ever.
 *
 * The same question is one of the same JSON: messages, settings, tools and schema, in whichever order their keys stand. It
 * does not name the model: give each its own keys where several share a `store`. Two who ask the same at the same time are
 * two requests, so that neither depends on the other's staying.
 *
 * Cold: each subscription looks for itself. In memory the answers belong to the backend that is returned, each to its
 * own, with their questions: 500 of them unless `capacity` says otherwise. A `store` is looked at before the request,
 * which waits for it, and is given an answer before its completion is passed on; that is not waited for and goes on when
 * everybody has left. A store that fails, or gives what is no answer, fails no request: it is told to `onError` as a
 * `CacheError`, and the model is asked. Errors of the backend, and what `key` throws, pass through. Unsubscribing leaves
 * the lookup or the request.
 *
 * ```ts
 * const backend = withCache({ ttl: 60_000 })(scriptedBackend(['Hello']));
 * const request = { messages: [], temperature: 0 };
 * concat(generate(backend, request), generate(backend, request)).subscribe(console.log); // Hello, Hello: one request
 * ```
 *
 * @throws `ContractError` at the call where a number makes no sense, or a `store` has no `onError`.
 */
export function withCache(config: CacheConfig = {}): (backend: LLMBackend) => LLMBackend {
  const { key = (_request, json) => json, anyTemperature = false, onError } = config;
  const makeStore = storeOf(config);

  return (backend) => {
    const store = guardedStore(makeStore(), onError);
    const ask = (request: LLMRequest): Observable<LLMChunk> => defer(() => askBackend(backend, request));

    return decoratedBackend((request) =>
      defer(() => {
        const name = anyTemperature || request.temperature === 0 ? key(request, requestKey(request)) : undefined;
        if (name === undefined) return ask(request);
        return store
          .get(name)
          .pipe(
            oneThen((found) => (found === undefined ? ask(request).pipe(whenWhole((answer) => store.set(name, answer))) : from(found))),
          );
      }),
    );
  };
}

/** Hands an answer on as it comes, and over where it was worth keeping, before its completion. */
const whenWhole = (keep: (answer: StoredAnswer) => void): MonoTypeOperatorFunction<LLMChunk> =>
  operate<LLMChunk, LLMChunk>((subscriber) => {
    const kept = new KeptAnswer();
    return {
      next: (chunk) => {
        kept.hear(chunk);
        subscriber.next(chunk);
      },
      complete: () => {
        const answer = kept.whole();
        if (answer !== undefined) keep(answer);
      },
    };
  });
