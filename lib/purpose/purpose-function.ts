import type { ObservableInput } from 'rxjs';
import type { Action } from '../domain/action.js';
import type { JsonRecord } from '../domain/json.js';
import type { Meter } from '../domain/meter.js';
import type { PurposeScore } from '../domain/purpose-score.js';
import type { AttemptDroppedSignal, AttemptStartSignal, ScoreSignal, TokenSignal, UsageSignal } from '../domain/signal.js';
import type { State } from '../domain/state.js';

/** What a purpose function judges. */
export interface EvaluateContext<Data extends JsonRecord = JsonRecord> {
  readonly purpose: string;
  readonly stateBefore: State<Data>;
  readonly action: Action;
  readonly stateAfter: State<Data>;
  /** The step that is judged, from 1. */
  readonly step: number;
  /** The scores of this run so far, oldest first. The run's own list, which grows after the call: copy what you keep. */
  readonly scores: readonly PurposeScore[];
  /** The attempt that this is of the judgement, from 1, the default: higher where one before it was dropped. */
  readonly attempt?: number;
  /** Counts what is asked of models on behalf of the run: for `LLMRequest.meter`. Absent: nothing is counted. */
  readonly meter?: Meter;
}

/** What a purpose function emits: tokens, usage and new attempts while it weighs, then one score. */
export type PurposeSignal = TokenSignal | UsageSignal | AttemptDroppedSignal | AttemptStartSignal | ScoreSignal;

/**
 * Judges how near a state is to the purpose. It holds nothing between calls, so that runs can share one.
 *
 * ```ts
 * const judge: PurposeFunction = { evaluate: () => scored({ phiBefore: 0, phiAfter: 1, evidence: 'it moved' }) };
 * ```
 */
export interface PurposeFunction<Data extends JsonRecord = JsonRecord> {
  /**
   * Tokens and usage, then exactly one score; what follows it is ignored. An error fails the run, as does an end
   * without a score or one out of its range. Unsubscribed when the run is left or cancelled.
   */
  evaluate(context: EvaluateContext<Data>): PurposeSignal | ObservableInput<PurposeSignal>;
}
