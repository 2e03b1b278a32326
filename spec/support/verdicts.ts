import type { RunState } from '../../lib/domain/run-state.js';
import type { RunClock, StopPolicy, Verdict } from '../../lib/orchestrator/stop-policy.js';
import { runSoFar } from './run-so-far.js';

/** The clock of a run that began at 0. */
export const clockAt = (now: number): RunClock => ({ startedAt: 0, now });

/** What says that a run ends. */
export const stop = (reason: string): Verdict => ({ type: 'stop', reason });

/** What says that the actor is to be told first. */
export const nudge = (policy: string): Verdict => ({ type: 'nudge', policy, message: 'm' });

/** A policy that always finds the same. */
export const saying = (name: string, verdict?: Verdict): StopPolicy => ({ name, check: () => verdict });

/** What a policy finds in a run of one step. */
export const found = (policy: StopPolicy): Verdict | undefined => policy.check(runSoFar({}), clockAt(0));

/** What a policy finds in each of some runs: `.` nothing, `n` a nudge, `x` the end. */
export const drawn = (policy: StopPolicy, runs: readonly Readonly<RunState>[]): string =>
  runs
    .map((run) => policy.check(run, clockAt(0)))
    .map((verdict) => (verdict === undefined ? '.' : verdict.type === 'stop' ? 'x' : 'n'))
    .join('');

/** Why a policy stops a run; `undefined` where it does not. */
export const reasonOf = (policy: StopPolicy, run: Readonly<RunState>, now = 0): string | undefined => {
  const verdict = policy.check(run, clockAt(now));
  return verdict?.type === 'stop' ? verdict.reason : undefined;
};
