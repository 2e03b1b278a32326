import type { ObservableInput } from 'rxjs';
import type { HistoryEntry, Turn } from '../domain/history.js';
import type { JsonRecord } from '../domain/json.js';
import type { Meter } from '../domain/meter.js';
import type { Notice } from '../domain/notice.js';
import type { ActionSignal, AttemptDroppedSignal, AttemptStartSignal, TokenSignal, UsageSignal } from '../domain/signal.js';
import type { State } from '../domain/state.js';
import type { Trajectory } from '../domain/trajectory.js';

/** What an actor decides on. The lists are the run's own and grow after the call: copy what you keep. */
export interface DecideContext<Data extends JsonRecord = JsonRecord> {
  readonly purpose: string;
  readonly state: State<Data>;
  /** The finished steps as text, oldest first. */
  readonly history: readonly HistoryEntry[];
  /** The finished steps with their tool calls, oldest first. */
  readonly turns: readonly Turn[];
  /** The step that the action is for, from 1. */
  readonly step: number;
  /** What experience offers for this decision, the most useful first. */
  readonly recalled: readonly Trajectory[];
  /** What was said to the agent since the task began, by its users and by stop policies, oldest first. Absent: nothing. */
  readonly notices?: readonly Notice[];
  /** The attempt that this is of the decision, from 1, the default: higher where one before it was dropped. */
  readonly attempt?: number;
  /** Counts what is asked of models on behalf of the run: for `LLMRequest.meter`. Absent: nothing is counted. */
  readonly meter?: Meter;
}

/** What an actor emits: tokens, usage and new attempts while it reasons, then one action. */
export type ActorSignal = TokenSignal | UsageSignal | AttemptDroppedSignal | AttemptStartSignal | ActionSignal;

/**
 * Decides what to do next.
 *
 * ```ts
 * const actor: Actor = { decide: ({ step }) => decided({ name: step > 3 ? 'DONE' : 'look' }) };
 * ```
 */
export interface Actor<Data extends JsonRecord = JsonRecord> {
  /**
   * Tokens and usage, then exactly one action; what follows it is ignored. An error fails the run, as does an end
   * without an action. Unsubscribed when the run is left or cancelled.
   */
  decide(context: DecideContext<Data>): ActorSignal | ObservableInput<ActorSignal>;
}
