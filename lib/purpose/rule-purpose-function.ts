import type { JsonRecord } from '../domain/json.js';
import { Phi } from '../domain/purpose-score.js';
import { scored } from '../domain/signal.js';
import type { State } from '../domain/state.js';
import { ContractError } from '../errors/contract-error.js';
import type { PurposeFunction } from './purpose-function.js';

/** What a rule says of a state: Φ, 0 to 10, and perhaps what in the state shows it. */
export type RuleJudgement = number | { readonly phi: number; readonly evidence?: string };

/**
 * A purpose function from a plain function of the state, with no model. The function is to be pure: it is asked of the
 * state before and of the state after, and the evidence of the score is what it says of the latter.
 *
 * Synchronous, with confidence 1. Where the rule gives no evidence, it is `Φ 3 → 5 by rule`. What the rule throws
 * fails the run.
 *
 * ```ts
 * const purposeFunction = rulePurposeFunction(({ data }) => (data['found'] === undefined ? 0 : { phi: 10, evidence: 'found is set' }));
 * ```
 *
 * @throws ContractError - While evaluating, where the rule gives a Φ that is no number from 0 to 10. Nothing is clamped.
 */
export const rulePurposeFunction = <Data extends JsonRecord = JsonRecord>(
  phi: (state: State<Data>) => RuleJudgement,
): PurposeFunction<Data> => ({
  evaluate: ({ stateBefore, stateAfter }) => {
    const before = judged(phi(stateBefore));
    const after = judged(phi(stateAfter));
    return scored({ phiBefore: before.phi, phiAfter: after.phi, evidence: after.evidence ?? `Φ ${before.phi} → ${after.phi} by rule` });
  },
});

const judged = (judgement: RuleJudgement): { readonly phi: number; readonly evidence?: string } => {
  const whole = typeof judgement === 'object' && judgement !== null ? judgement : { phi: judgement };
  if (!Phi.is(whole.phi))
    throw new ContractError(`The rule of a purpose function is to give a number from 0 to 10, and gave ${String(whole.phi)}.`);
  return whole;
};
