import type { StopPolicy } from '../orchestrator/stop-policy.js';
import { checkCount } from './check-number.js';

/** Configuration of {@link noProgress}. */
export interface NoProgressConfig {
  /** How many steps in a row, a whole number from 1. Defaults to 3. */
  readonly steps?: number;
}

/**
 * Stops where none of the last `steps` steps brought Φ nearer: each delta is 0 or less.
 *
 * ```text
 * Δ                       +2  +1   0  −1   0
 * noProgress({steps: 3})   .   .   .   .   x
 * ```
 *
 * Pure: it goes by the scores of the run alone.
 *
 * ```ts
 * createOrchestrator({ actor, purposeFunction, environment, stopWhen: [noProgress({ steps: 5 })] });
 * ```
 *
 * @throws ContractError for a number that makes no sense.
 */
export const noProgress = ({ steps = 3 }: NoProgressConfig = {}): StopPolicy => {
  checkCount('steps', steps, 1);
  return {
    name: 'noProgress',
    check: ({ scores }) => {
      if (scores.length < steps || scores.slice(-steps).some(({ delta }) => delta > 0)) return undefined;
      return { type: 'stop', reason: steps === 1 ? 'the last step did not raise Φ' : `none of the last ${steps} steps raised Φ` };
    },
  };
};
