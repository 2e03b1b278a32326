import type { Observable } from 'rxjs';
import type { Action } from '../domain/action.js';
import { isLeft } from '../domain/either.js';
import type { JsonRecord } from '../domain/json.js';
import type { Signal } from '../domain/signal.js';
import { toState, type State } from '../domain/state.js';
import type { PlainEventDraft } from '../domain/stream-event.js';
import type { Environment, ExecuteContext } from '../environment/environment.js';
import { ContractError } from '../errors/contract-error.js';
import { askPort } from '../internal/ask-port.js';
import { reportDraft } from './port-drafts.js';

/** The action has been executed; no event of its own. */
export interface Executed<Data extends JsonRecord> {
  readonly type: 'executed';
  readonly state: State<Data>;
}

/** What execution is made of: what the environment reports, then what came of it. */
export type Execution<Data extends JsonRecord> = PlainEventDraft | Executed<Data>;

const isSignal = (value: unknown): value is Signal => typeof value === 'object' && value !== null && 'type' in value;

/** Ids that are unique in the run, however often the action of a step is executed. */
const contextOf = (step: number, given: Partial<ExecuteContext>): ExecuteContext => {
  let calls = 0;
  return {
    step,
    ...given,
    createCallId: () => {
      calls += 1;
      return `${step}.${calls}`;
    },
  };
};

/** Whether an execution has come to its end. */
export const isExecuted = <Data extends JsonRecord>(item: Execution<Data>): item is Executed<Data> => item.type === 'executed';

const toExecuted = <Data extends JsonRecord>(value: State<Data>): Executed<Data> => {
  const decoded = toState(value);
  if (isLeft(decoded)) throw new ContractError(`The environment gave something that is no state. ${decoded.left.join('; ')}`);
  return { type: 'executed', state: decoded.right };
};

/**
 * Lets the environment execute an action: what it reports as events, and the state that came of it.
 *
 * ```text
 * environment  -s-p-S
 * execute      -s-p-x     x: executed
 * ```
 */
export const execute = <Data extends JsonRecord>(
  environment: Environment<Data>,
  action: Action,
  state: State<Data>,
  step: number,
  given: Partial<ExecuteContext> = {},
): Observable<Execution<Data>> =>
  askPort<State<Data> | Signal, Execution<Data>>(
    () => environment.execute(action, state, contextOf(step, given)),
    (value) => (isSignal(value) ? reportDraft(value, step) : toExecuted(value)),
  );
