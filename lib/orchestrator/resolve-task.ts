import type { ObservableInput } from 'rxjs';
import { decode } from '../domain/decode.js';
import { isLeft } from '../domain/either.js';
import type { JsonRecord } from '../domain/json.js';
import type { Meter } from '../domain/meter.js';
import { toState, type State } from '../domain/state.js';
import { Task } from '../domain/task.js';
import { ContractError } from '../errors/contract-error.js';
import { resumptionOf, type ResumeOptions, type Resumption } from './resume.js';

/** A task with its defaults filled in. */
export interface ResolvedTask<Data extends JsonRecord> {
  readonly purpose: string;
  /** `undefined`: the environment is asked. */
  readonly initialState: State<Data> | undefined;
  readonly maxSteps: number;
  readonly earlyStopPhi: number | null;
  /** That of the run whose tool runs this one. */
  readonly meter: Meter | undefined;
  /** `undefined`: nobody says anything on the way. */
  readonly input$: ObservableInput<unknown> | undefined;
  /** `undefined`: a new run. */
  readonly resumption: Resumption<Data> | undefined;
}

const checkedMeter = (meter: Meter | undefined): Meter | undefined => {
  if (meter === undefined || typeof meter === 'function') return meter;
  throw new ContractError('This task cannot be run. Its meter has to be that of the context of a tool.');
};

const checkedInput = (input$: ObservableInput<unknown> | undefined): ObservableInput<unknown> | undefined => {
  if (input$ === undefined || (typeof input$ === 'object' && input$ !== null)) return input$;
  throw new ContractError('This task cannot be run. Its input$ has to be an Observable, or what one is made of.');
};

/**
 * Checks a task at the door and fills in its defaults.
 *
 * @throws ContractError where it makes no sense, saying what is wrong.
 */
export function resolveTask<Data extends JsonRecord>(task: Task<Data> & ResumeOptions<Data>): ResolvedTask<Data> {
  const decoded = decode(Task, task);
  if (isLeft(decoded)) throw new ContractError(`This task cannot be run. ${decoded.left.join('; ')}`);
  const { purpose, maxSteps = 20, earlyStopPhi = 9 } = decoded.right;
  const initialState = task.initialState === undefined ? undefined : toState(task.initialState);
  if (initialState !== undefined && isLeft(initialState))
    throw new ContractError(`This task cannot be run. ${initialState.left.join('; ')}`);
  const beside = { meter: checkedMeter(task.meter), input$: checkedInput(task.input$) };
  const resumption = resumptionOf(task);
  if (resumption === undefined) return { purpose, initialState: initialState?.right, maxSteps, earlyStopPhi, resumption, ...beside };
  const { start } = resumption;
  if (start.purpose !== purpose)
    throw new ContractError(`This run cannot be resumed. Its purpose is ${JSON.stringify(start.purpose)}, and that of the task another.`);
  const { maxSteps: most, earlyStopPhi: enough } = start;
  return { purpose, initialState: undefined, maxSteps: most, earlyStopPhi: enough, resumption, ...beside };
}
