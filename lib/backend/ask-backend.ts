import type { Observable } from 'rxjs';
import type { LLMBackend, LLMChunk, LLMRequest } from './backend.js';
import { meteredAnswer } from './metered-answer.js';

const DECORATED: unique symbol = Symbol.for('purpose-rx/decorated-backend');

/**
 * Asks a backend on behalf of others: everything in this library that holds a backend asks it by this.
 *
 * Where the request has a meter it is counted, unless the backend is one that asks others, which are then counted each.
 *
 * @internal
 */
export const askBackend = (backend: LLMBackend, request: LLMRequest): Observable<LLMChunk> => {
  if (request.meter === undefined || DECORATED in backend) return backend.stream(request);
  // A decorator of a user's that is counted as a whole is not to be counted in its parts too.
  const { meter, ...asked } = request;
  return meteredAnswer(meter, backend, asked);
};

/**
 * A backend that asks others, by {@link askBackend}: what it costs is what they cost.
 *
 * @internal
 */
export const decoratedBackend = (stream: LLMBackend['stream']): LLMBackend => {
  const backend: LLMBackend & { readonly [DECORATED]: true } = { stream, [DECORATED]: true };
  return backend;
};
