import type { JsonRecord } from '../domain/json.js';
import type { RunState } from '../domain/run-state.js';

/** The time of a run, in milliseconds since the epoch, from the scheduler of the orchestrator. */
export interface RunClock {
  /** When the run, or the part of it that was resumed, began. */
  readonly startedAt: number;
  readonly now: number;
}

/** What a stop policy finds. */
export type Verdict =
  /** The run ends; the reason is in `task_end`, after the name of the policy. */
  | { readonly type: 'stop'; readonly reason: string }
  /** The actor is told first, by an event `nudge`: it is a notice at its next decision. */
  | { readonly type: 'nudge'; readonly policy: string; readonly message: string };

/**
 * When a run is to stop, as a value: pure, asked after each step that has not ended the run.
 *
 * ```text
 * step       -s--e-s--e-s--e
 * check()        .    .    x     .: nothing, x: stop
 * the run    -s--e-s--e-s--eE    E: task_end, `stopped`, '<name>: <reason>'
 * ```
 *
 * All that it goes by is what the run has told, so that it finds the same in a run that is resumed: it keeps no state of
 * its own, and changes nothing of what it is shown. What it throws fails the run with a `ContractError`.
 *
 * ```ts
 * const rich: StopPolicy = {
 *   name: 'rich',
 *   check: ({ state }) => (Number(state?.data['gold']) > 100 ? { type: 'stop', reason: 'enough gold' } : undefined),
 * };
 * ```
 */
export interface StopPolicy<Data extends JsonRecord = JsonRecord> {
  /** Unique among the policies of an orchestrator: what it said before is known by it. */
  readonly name: string;
  /** `undefined`: go on. */
  check(run: Readonly<RunState<Data>>, clock: RunClock): Verdict | undefined;
}
