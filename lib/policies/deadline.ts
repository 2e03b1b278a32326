import type { StopPolicy } from '../orchestrator/stop-policy.js';
import { checkAmount } from './check-number.js';

/**
 * Stops after the step in which `within` milliseconds have passed since the run began. It lets that step end, where
 * the `runTimeout` of an orchestrator cuts it off.
 *
 * ```text
 * step           -s----e-s----e-s----e
 * time           0           10
 * deadline(10)         .      x
 * ```
 *
 * It keeps no timer: the clock is looked at between the steps. A run that is resumed has its time anew.
 *
 * ```ts
 * createOrchestrator({ actor, purposeFunction, environment, stopWhen: [deadline(60_000)] });
 * ```
 *
 * @param within - In milliseconds, from 0.
 * @throws ContractError for a number that makes no sense.
 */
export const deadline = (within: number): StopPolicy => {
  checkAmount('The deadline', within);
  return {
    name: 'deadline',
    check: (_run, { startedAt, now }) =>
      now - startedAt < within ? undefined : { type: 'stop', reason: `${now - startedAt} of ${within} ms have passed` },
  };
};
