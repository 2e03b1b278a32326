import * as t from 'io-ts';
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

/** Longest `stateSummary`, in UTF-16 code units. */
const SUMMARY_LENGTH = 200;

/** The text of a state: its summary if there is one, else its data as JSON. */
export const describeState = (state: State): string => state.summary ?? JSON.stringify(state.data);

/** The text of a state, cut to at most 200 UTF-16 code units and never through a surrogate pair. */
export const summarizeState = (state: State): string => truncate(describeState(state), SUMMARY_LENGTH);
