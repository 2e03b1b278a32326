import { actionText, type ToolCallRecord } from '../domain/history.js';
import type { RunState } from '../domain/run-state.js';
import { shorten } from '../domain/text.js';
import type { StopPolicy } from '../orchestrator/stop-policy.js';
import { checkCount } from './check-number.js';
import { isSameJson } from './same-json.js';

/** Configuration of {@link repeatedAction}. */
export interface RepeatedActionConfig {
  /** How often the same is done, a whole number from 2. Defaults to 3. */
  readonly times?: number;
}

/** An action may go round alone or with one other. */
const LONGEST_ROUND = 2;

/** Longest text of an action in a reason, in UTF-16 code units. */
const LONGEST_ACTION = 200;

const isSameCall = (one: ToolCallRecord, other: ToolCallRecord): boolean =>
  one.name === other.name && isSameJson(one.params, other.params) && isSameJson(one.result ?? null, other.result ?? null);

/** The results of the calls where the environment tells of calls, and the state after where it does not. */
const isSameResult = ({ turns, steps }: Readonly<RunState>, one: number, other: number): boolean => {
  const calls = turns[one]?.calls ?? [];
  const others = turns[other]?.calls ?? [];
  if (calls.length !== others.length) return false;
  if (calls.length === 0) return isSameJson(steps[one]?.stateAfter.data, steps[other]?.stateAfter.data);
  return calls.every((call, at) => {
    const mate = others[at];
    return mate !== undefined && isSameCall(call, mate);
  });
};

const isSameStep = (run: Readonly<RunState>, one: number, other: number): boolean => {
  const action = run.turns[one]?.action;
  const mate = run.turns[other]?.action;
  if (action === undefined || mate === undefined) return false;
  return action.name === mate.name && isSameJson(action.params, mate.params) && isSameResult(run, one, other);
};

/** Whether the last steps are `times` rounds of `round` steps, each round as the one before it. */
const goesRound = (run: Readonly<RunState>, round: number, times: number): boolean => {
  const end = run.turns.length;
  const begin = end - round * times;
  if (begin < 0) return false;
  for (let at = end - 1; at >= begin + round; at -= 1) if (!isSameStep(run, at, at - round)) return false;
  return true;
};

const told = (run: Readonly<RunState>, at: number): string => {
  const action = run.turns.at(at)?.action;
  return action === undefined ? '' : shorten(actionText(action.name, action.params), LONGEST_ACTION);
};

/**
 * Stops where the same action came to the same result `times` times in a row, or two of them did so in turn.
 *
 * ```text
 * action → result     look→1  look→1  look→1            look→1  go→2  look→1  go→2  look→1  go→2
 * repeatedAction()    .       .       x                 .       .     .       .     .       x
 * ```
 *
 * The same is: of one name, with equal parameters, whatever the order of their keys, and with equal results. A call that
 * is made again and finds something new, as one that waits for something does, is no repetition. What the result is,
 * the tool calls of the step say; for an environment that tells of none, the data of the state after.
 *
 * Pure: it goes by the steps of the run alone.
 *
 * ```ts
 * createOrchestrator({ actor, purposeFunction, environment, stopWhen: [nudgeFirst(repeatedAction())] });
 * ```
 *
 * @throws ContractError for a number that makes no sense.
 */
export const repeatedAction = ({ times = 3 }: RepeatedActionConfig = {}): StopPolicy => {
  checkCount('times', times, 2);
  return {
    name: 'repeatedAction',
    check: (run) => {
      for (let round = 1; round <= LONGEST_ROUND; round += 1) {
        if (!goesRound(run, round, times)) continue;
        const what = round === 1 ? told(run, -1) : `${told(run, -2)} and ${told(run, -1)} in turn`;
        return { type: 'stop', reason: `${what} came ${times} times to the same result` };
      }
      return undefined;
    },
  };
};
