import { decode } from '../domain/decode.js';
import { isLeft } from '../domain/either.js';
import type { JsonRecord } from '../domain/json.js';
import { toState, type State } from '../domain/state.js';
import { Task } from '../domain/task.js';
import { ContractError } from '../errors/contract-error.js';

/** A task with its defaults filled in. */
export interface ResolvedTask<Data extends JsonRecord> {
  readonly purpose: string;
  /** `undefined`: the environment is asked. */
  readonly initialState: State<Data> | undefined;
  readonly maxSteps: number;
  readonly earlyStopPhi: number | null;
}

/**
 * Checks a task at the door and fills in its defaults.
 *
 * @throws ContractError where it makes no sense, saying what is wrong.
 */
export function resolveTask<Data extends JsonRecord>(task: Task<Data>): ResolvedTask<Data> {
  const decoded = decode(Task, task);
  if (isLeft(decoded)) throw new ContractError(`This task cannot be run. ${decoded.left.join('; ')}`);
  const { purpose, maxSteps = 20, earlyStopPhi = 9 } = decoded.right;
  const initialState = task.initialState === undefined ? undefined : toState(task.initialState);
  if (initialState !== undefined && isLeft(initialState))
    throw new ContractError(`This task cannot be run. ${initialState.left.join('; ')}`);
  return { purpose, initialState: initialState?.right, maxSteps, earlyStopPhi };
}
