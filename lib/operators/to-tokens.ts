import { filter, map, pipe, type OperatorFunction } from 'rxjs';
import type { StreamEvent } from '../domain/stream-event.js';
import { ofType } from './of-type.js';

/** Configuration of {@link toTokens}. */
export interface ToTokensConfig {
  /** Whose tokens: `actor`, `purpose`, … Defaults to everybody's. */
  readonly source?: string;
  /** Of which channel: `thought`, `evidence`, `reasoning`, … Defaults to all. */
  readonly channel?: string;
}

/**
 * The text of the tokens of a run, as strings.
 *
 * ```text
 * source                          -s-t-t-a-e-|     t: a thought of the actor, e: evidence of the purpose function
 * toTokens({ channel: 'thought' }) ---t-t-----|
 * ```
 *
 * A string cannot take back what came before it: where an answer was asked for anew, the tokens of both attempts come
 * through, and nothing is heard of `attempt_dropped`. Who shows text that may be replaced reads `attempt` on the events
 * themselves.
 *
 * Keeps no state. Errors and completion pass through; unsubscribing unsubscribes from the source.
 *
 * ```ts
 * run.pipe(toTokens({ source: 'actor', channel: 'thought' })).subscribe((text) => process.stdout.write(text));
 * ```
 */
export function toTokens({ source, channel }: ToTokensConfig = {}): OperatorFunction<StreamEvent, string> {
  return pipe(
    ofType('token'),
    filter(({ data }) => (source === undefined || data.source === source) && (channel === undefined || data.channel === channel)),
    map(({ data }) => data.token),
  );
}
