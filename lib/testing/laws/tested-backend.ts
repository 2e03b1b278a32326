import type { ObservableInput, SchedulerLike } from 'rxjs';
import type { LLMBackend, LLMRequest } from '../../backend/backend.js';

/** A backend and how its transport is looked at. */
export interface TestedBackend {
  readonly backend: LLMBackend;
  /** How many requests have reached the transport so far. */
  opened(): number;
  /** How many of them have a transport that is still open: above 0 while an answer is held back. */
  open(): number;
  /** Lets go of what was made for the law; called after it, whether it was kept or not. */
  close?(): void | ObservableInput<unknown>;
}

/**
 * What the transport is to do with each request: give its `whole` answer, the same each time, of at least two chunks,
 * and end; or give at least one chunk and have the rest `held` back until it is left.
 */
export type TransportPlan = 'whole' | 'held';

/** What `itObeysTheBackendLaws` is given. */
export interface BackendLawsConfig {
  /**
   * Makes a fresh backend, now or later; it is asked at most twice, each time with a copy of a request. A transport that answers at once may give its
   * `whole` answer where `held` is asked for. One that takes its time may not: it would close by itself.
   */
  make(plan: TransportPlan): TestedBackend | ObservableInput<TestedBackend>;
  /** What the backend is asked. Defaults to the one message `Hello`. */
  readonly request?: LLMRequest;
  /**
   * A second one, asked beside the first; best one that is answered otherwise, so that answers that get mixed up are told
   * apart. Defaults to `request`.
   */
  readonly otherRequest?: LLMRequest;
  /** The longest wait for an answer, and for a transport that is to close, in milliseconds. Defaults to 1000. */
  readonly within?: number;
  /** What time is told by. Defaults to `asyncScheduler`. */
  readonly scheduler?: SchedulerLike;
}
