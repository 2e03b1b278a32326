import type { Observable } from 'rxjs';
import type { Usage } from './usage.js';

/** What a count goes by: what the server says, or the length of the texts. */
export type CountBasis = 'reported' | 'estimated';

/** How a request ended: in good order, by an error, or because it was let go. */
export type RequestOutcome = 'finished' | 'failed' | 'cancelled';

/** One request while it is counted. */
export interface MeterEntry {
  /** What it costs so far, in tokens. `false`: there are no means left, so it is to be let go. */
  readonly count: (inputTokens: number, outputTokens: number, basis: CountBasis) => boolean;
  /** What follows the first time changes nothing. */
  readonly end: (outcome: RequestOutcome) => void;
}

/**
 * What counts the requests that are made on behalf of a run. Made by the run, and only to be handed on: to
 * `LLMRequest.meter` where a port asks a model, to `Task.meter` where a tool runs an agent of its own.
 *
 * A function, so that the JSON of a request does not have it.
 */
export interface Meter {
  /**
   * Asks for leave to make a request of so many tokens: emits once when there is, or never, where the run is about to end.
   * Errors with a `ContractError` where it has ended.
   */
  (inputTokens: number): Observable<MeterEntry>;
  /** Counts a request that was made without being asked for. */
  readonly note: (usage: Usage) => void;
  /** Makes what runs so many tool calls once there is leave for them. */
  readonly beforeCalls: <T>(calls: number, project: () => Observable<T>) => Observable<T>;
  /** Counts a tool call that begins. */
  readonly countCall: () => void;
}

/** The meter of a context as a part of a request, where there is one. */
export const meterOf = ({ meter }: { readonly meter?: Meter | undefined }): { readonly meter?: Meter } =>
  meter === undefined ? {} : { meter };
