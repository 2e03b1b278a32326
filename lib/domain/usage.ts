import type * as t from 'io-ts';
import { Finite } from './finite.js';
import { objectCodec } from './object-codec.js';

/** What requests to a model cost, in tokens. */
export interface Usage extends t.TypeOf<typeof Usage> {}
/** Codec of {@link Usage}. */
export const Usage = objectCodec('Usage', { inputTokens: Finite, outputTokens: Finite });

/** No tokens at all. */
export const noUsage: Usage = { inputTokens: 0, outputTokens: 0 };

/** The sum of two usages. */
export const addUsage = (one: Usage, other: Usage): Usage => ({
  inputTokens: one.inputTokens + other.inputTokens,
  outputTokens: one.outputTokens + other.outputTokens,
});
