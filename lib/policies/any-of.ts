import type { JsonRecord } from '../domain/json.js';
import { ContractError } from '../errors/contract-error.js';
import type { StopPolicy, Verdict } from '../orchestrator/stop-policy.js';

/**
 * Stops where one of some policies does, for the reason of the first that does. Where none stops and some nudge, the
 * first of those does.
 *
 * ```text
 * a             .  n  .  .      n: nudge, x: stop
 * b             .  .  .  x
 * anyOf(a, b)   .  n  .  x
 * ```
 *
 * It is called by their names: `a or b`. Pure where they are.
 *
 * ```ts
 * createOrchestrator({ actor, purposeFunction, environment, stopWhen: [nudgeFirst(anyOf(plateau(), repeatedAction()))] });
 * ```
 *
 * @throws ContractError where there are none.
 */
export const anyOf = <Data extends JsonRecord = JsonRecord>(...policies: readonly StopPolicy<Data>[]): StopPolicy<Data> => {
  if (policies.length === 0) throw new ContractError('anyOf needs at least one stop policy.');
  return {
    name: policies.map(({ name }) => name).join(' or '),
    check: (run, clock) => {
      let nudge: Verdict | undefined;
      for (const policy of policies) {
        const verdict = policy.check(run, clock);
        if (verdict?.type === 'stop') return verdict;
        nudge ??= verdict;
      }
      return nudge;
    },
  };
};
