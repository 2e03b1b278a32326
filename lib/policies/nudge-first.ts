import type { JsonRecord } from '../domain/json.js';
import type { StopPolicy } from '../orchestrator/stop-policy.js';
import { checkCount } from './check-number.js';

/** Configuration of {@link nudgeFirst}. */
export interface NudgeFirstConfig {
  /** What the actor is told. Defaults to the reason of the policy, and to try another way. */
  readonly message?: string;
  /** After how many steps the run stops if the policy still holds then, a whole number from 1. Defaults to 2. */
  readonly patience?: number;
}

const plea = (reason: string): string => `You seem to be stuck: ${reason}. Try another way; if there is none, end the task and say why.`;

/**
 * Tells the actor before a policy stops the run: where the policy first holds, an event `nudge` goes out, which is a
 * notice at the next decision; where it still holds `patience` steps after, the run stops.
 *
 * ```text
 * policy                 .  x  x  x
 * nudgeFirst(policy)     .  n     x      patience 2; n: nudge, x: stop
 *
 * policy                 .  x  x  .  .  x
 * nudgeFirst(policy)     .  n           n      it recovered: what comes later is nudged anew
 * ```
 *
 * Put it outermost: within {@link allOf} it is heard only where the others find something, too, and the one step at which
 * it would stop may not be theirs.
 *
 * What it has said it reads from the notices of the run, by the name of the policy, so that a run that is resumed knows
 * it too; give two of a kind names of their own: `nudgeFirst({ ...plateau(), name: 'slow' })`. Pure where the policy is.
 *
 * ```ts
 * createOrchestrator({ actor, purposeFunction, environment, stopWhen: [nudgeFirst(plateau(), { patience: 3 })] });
 * ```
 *
 * @throws ContractError for a number that makes no sense.
 */
export const nudgeFirst = <Data extends JsonRecord = JsonRecord>(
  policy: StopPolicy<Data>,
  { message, patience = 2 }: NudgeFirstConfig = {},
): StopPolicy<Data> => {
  checkCount('patience', patience, 1);
  const { name } = policy;
  return {
    name,
    check: (run, clock) => {
      const verdict = policy.check(run, clock);
      if (verdict?.type !== 'stop') return verdict;
      const last = run.notices.findLast((notice) => notice.policy === name);
      const elapsed = last === undefined ? Infinity : run.step - last.step;
      if (elapsed < patience) return undefined;
      // A run that went on past its patience had recovered by then.
      return elapsed === patience ? verdict : { type: 'nudge', policy: name, message: message ?? plea(verdict.reason) };
    },
  };
};
