import type { StopPolicy } from '../orchestrator/stop-policy.js';
import { checkAmount, checkCount } from './check-number.js';

/** Configuration of {@link plateau}. */
export interface PlateauConfig {
  /** How many scores it looks at, a whole number from 1. Defaults to 3. */
  readonly window?: number;
  /** How far Φ may move among them, from 0 to 10, and be standing still all the same. Defaults to 0.1. */
  readonly epsilon?: number;
}

/** What the sums of decimals are off by: Φ from 5.1 to 5.2 is a move of 0.1. */
const ROUNDING = 1e-9;

/**
 * Stops where Φ has not moved by more than `epsilon` over the last `window` scores, up or down, slow drift included.
 *
 * ```text
 * Φ           0 → 3 → 5 → 5 → 5.1 → 5
 * plateau()   .   .   .   .   .     x      window 3: 5, 5, 5.1, 5
 * ```
 *
 * Pure: it goes by the scores of the run alone.
 *
 * ```ts
 * createOrchestrator({ actor, purposeFunction, environment, stopWhen: [nudgeFirst(plateau({ window: 4 }))] });
 * ```
 *
 * @throws ContractError for numbers that make no sense.
 */
export const plateau = ({ window = 3, epsilon = 0.1 }: PlateauConfig = {}): StopPolicy => {
  checkCount('window', window, 1);
  checkAmount('epsilon', epsilon);
  return {
    name: 'plateau',
    check: ({ scores }) => {
      const [first] = scores.slice(-window);
      if (first === undefined || scores.length < window) return undefined;
      const phis = [first.phiBefore, ...scores.slice(-window).map(({ phiAfter }) => phiAfter)];
      if (Math.max(...phis) - Math.min(...phis) > epsilon + ROUNDING) return undefined;
      const span = window === 1 ? 'the last score' : `the last ${window} scores`;
      return { type: 'stop', reason: `Φ has moved by no more than ${epsilon} over ${span}` };
    },
  };
};
