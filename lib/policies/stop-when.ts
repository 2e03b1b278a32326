import type { JsonRecord } from '../domain/json.js';
import type { RunState } from '../domain/run-state.js';
import type { RunClock, StopPolicy } from '../orchestrator/stop-policy.js';

/**
 * A stop policy of one's own, from a plain predicate over what the run is so far.
 *
 * ```text
 * usage                              10  20  30
 * stopWhen('dear', usage above 25)   .   .   x
 * ```
 *
 * Pure where the predicate is; what that throws fails the run with a `ContractError`.
 *
 * ```ts
 * const dear = stopWhen('dear', ({ usage }) => usage.outputTokens > 5000 && 'more than 5000 tokens were said');
 * createOrchestrator({ actor, purposeFunction, environment, stopWhen: [dear] });
 * ```
 *
 * @param predicate - Says whether to stop: `true`, or a text, which is then the reason.
 */
export const stopWhen = <Data extends JsonRecord = JsonRecord>(
  name: string,
  predicate: (run: Readonly<RunState<Data>>, clock: RunClock) => boolean | string | undefined,
): StopPolicy<Data> => ({
  name,
  check: (run, clock) => {
    const found = predicate(run, clock);
    if (typeof found === 'string' && found !== '') return { type: 'stop', reason: found };
    return found === true ? { type: 'stop', reason: 'what it waits for has come' } : undefined;
  },
});
