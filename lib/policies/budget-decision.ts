import type { ObservableInput } from 'rxjs';
import { errorText } from '../errors/describe-error.js';
import { BUDGET_UNITS, soundAmounts, type BudgetLimit, type BudgetLimits } from './budget-limits.js';

/** A limit that was met. */
export interface BudgetExceeded {
  readonly limit: keyof BudgetLimits;
  readonly allowed: number;
  /** With what was about to be spent, where that is known before. */
  readonly spent: number;
}

/** What becomes of a run that met a limit. */
export type BudgetDecision =
  /** The limits grow by `more`, which has to hold something for the limit that was met. */
  { readonly decision: 'continue'; readonly more: BudgetLimits } | { readonly decision: 'stop'; readonly reason?: string };

/** Asks what becomes of a run that met a limit. The first decision counts; none, or a failure, is to stop. */
export type AskBudget = (exceeded: BudgetExceeded) => BudgetDecision | ObservableInput<BudgetDecision>;

/**
 * A decision as it is carried out, whoever made it: one that makes no sense, or gives nothing where something is needed,
 * is to stop.
 */
export const readDecision = (given: unknown, met: BudgetLimit): BudgetDecision => {
  const decision: Readonly<Record<string, unknown>> = typeof given === 'object' && given !== null ? { ...given } : {};
  if (decision['decision'] === 'stop') {
    const { reason } = decision;
    return { decision: 'stop', ...(reason === undefined ? {} : { reason: errorText(reason) }) };
  }
  if (decision['decision'] !== 'continue') return { decision: 'stop', reason: 'what was decided is neither to continue nor to stop' };
  const more = soundAmounts(decision['more']);
  if (more[met] !== undefined) return { decision: 'continue', more };
  return { decision: 'stop', reason: `it was decided to continue, with no more ${BUDGET_UNITS[met]}` };
};
