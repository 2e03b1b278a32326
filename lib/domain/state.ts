import type { Either } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { faultsOf } from './decode.js';
import { left, right } from './either.js';
import { JsonRecord } from './json.js';
import { objectCodec } from './object-codec.js';
import { truncate } from './text.js';

/**
 * What is known of the world: JSON data and an optional summary in words.
 *
 * @typeParam Data - The shape of the data. A type alias, not an interface: only aliases are JSON records to TypeScript.
 */
export interface State<Data extends JsonRecord = JsonRecord> {
  readonly data: Data;
  readonly summary?: string;
}
/** Codec of {@link State}. */
export const State = objectCodec('State', { data: JsonRecord }, { summary: t.string });

/**
 * What a port or a caller gave as a state, as the data and the summary alone: whatever else was attached to it would go
 * into the events. `Left` says what is wrong with it.
 */
export const toState = <Data extends JsonRecord>(value: State<Data>): Either<readonly string[], State<Data>> => {
  if (!State.is(value)) return left(faultsOf(State, value));
  // Of what shape the data is, only the type of the port can say; that it is JSON has just been seen.
  return right(stateJson(value) as State<Data>);
};

/** A state as JSON, its summary where it has one. */
export const stateJson = ({ data, summary }: State): { readonly data: JsonRecord; readonly summary?: string } =>
  summary === undefined ? { data } : { data, summary };

/** Longest `stateSummary`, in UTF-16 code units. */
const SUMMARY_LENGTH = 200;

/** The text of a state: its summary if there is one, else its data as JSON. */
export const describeState = (state: State): string => state.summary ?? JSON.stringify(state.data);

/** The text of a state, cut to at most 200 UTF-16 code units and never through a surrogate pair. */
export const summarizeState = (state: State): string => truncate(describeState(state), SUMMARY_LENGTH);
