import type { StopPolicy } from '../orchestrator/stop-policy.js';
import { checkCount } from './check-number.js';

/**
 * Stops after `count` steps, as a task's `maxSteps` does: to be combined with others by {@link anyOf} and {@link allOf}.
 *
 * ```text
 * step        1  2  3
 * steps(3)    .  .  x
 * ```
 *
 * Pure; the steps before a run was resumed count.
 *
 * ```ts
 * createOrchestrator({ actor, purposeFunction, environment, stopWhen: [allOf(steps(10), noProgress())] });
 * ```
 *
 * @param count - A whole number from 1.
 * @throws ContractError for a number that makes no sense.
 */
export const steps = (count: number): StopPolicy => {
  checkCount('The number of steps', count, 1);
  return {
    name: 'steps',
    check: (run) => (run.steps.length < count ? undefined : { type: 'stop', reason: `${run.steps.length} of ${count} steps were taken` }),
  };
};
