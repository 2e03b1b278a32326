import type { JsonRecord } from '../domain/json.js';
import { ContractError } from '../errors/contract-error.js';
import type { StopPolicy, Verdict } from '../orchestrator/stop-policy.js';

/**
 * Stops where all of some policies do, at the same step, for all their reasons. Where all find something and one of them
 * would rather nudge, it nudges.
 *
 * ```text
 * a             .  x  x  x      x: stop
 * b             .  .  x  .
 * allOf(a, b)   .  .  x
 * ```
 *
 * It is called by their names: `a and b`. Pure where they are.
 *
 * ```ts
 * createOrchestrator({ actor, purposeFunction, environment, stopWhen: [allOf(steps(10), noProgress())] });
 * ```
 *
 * @throws ContractError where there are none.
 */
export const allOf = <Data extends JsonRecord = JsonRecord>(...policies: readonly StopPolicy<Data>[]): StopPolicy<Data> => {
  if (policies.length === 0) throw new ContractError('allOf needs at least one stop policy.');
  return {
    name: policies.map(({ name }) => name).join(' and '),
    check: (run, clock) => {
      const reasons: string[] = [];
      let nudge: Verdict | undefined;
      for (const policy of policies) {
        const verdict = policy.check(run, clock);
        if (verdict === undefined) return undefined;
        if (verdict.type === 'stop') reasons.push(verdict.reason);
        else nudge ??= verdict;
      }
      return nudge ?? { type: 'stop', reason: reasons.join('; ') };
    },
  };
};
