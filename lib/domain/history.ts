import type { Action } from './action.js';
import type { Json, JsonRecord } from './json.js';
import type { PurposeScore } from './purpose-score.js';

/** A finished step as text, as an actor sees it. */
export interface HistoryEntry {
  /** `name(params as JSON)`. */
  readonly action: string;
  /** The text of the state after it, at most 200 UTF-16 code units. */
  readonly result: string;
  /** `Δ=+0.00`, with sign and two decimals. */
  readonly score: string;
}

/** One tool call of a step and what came of it. */
export interface ToolCallRecord {
  /** Unique within the run. */
  readonly callId: string;
  readonly name: string;
  readonly params: Json;
  /** The result of the call; absent while it runs, and where the environment failed before it ended. */
  readonly result?:
    | { readonly ok: true; readonly output: Json }
    | { readonly ok: false; readonly error: string; readonly settlement?: 'timeout' | 'cancelled' | 'unsettled' };
}

/** A finished step with its tool calls, in the order in which they began. */
export interface Turn {
  readonly action: Action;
  readonly calls: readonly ToolCallRecord[];
  /** The text of the state after it, at most 200 UTF-16 code units. */
  readonly result: string;
}

/** `name(params as JSON)`. */
export const actionText = (name: string, params: JsonRecord): string => `${name}(${JSON.stringify(params)})`;

/** `Δ=+0.00`, with sign and two decimals. */
export const scoreText = ({ delta }: Pick<PurposeScore, 'delta'>): string => {
  const fixed = delta.toFixed(2);
  return `Δ=${fixed.startsWith('-') ? '' : '+'}${fixed}`;
};
