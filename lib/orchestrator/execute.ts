import { isLeft } from 'fp-ts/lib/Either.js';
import { catchError, defer, EMPTY, map, of, type Observable } from 'rxjs';
import type { Action } from '../domain/action.js';
import type { JsonRecord } from '../domain/json.js';
import type { Signal } from '../domain/signal.js';
import { toState, type State } from '../domain/state.js';
import { draft, type PlainEventDraft } from '../domain/stream-event.js';
import type { Environment, ExecuteContext } from '../environment/environment.js';
import { ContractError } from '../errors/contract-error.js';
import { errorText } from '../errors/describe-error.js';
import { andThen } from '../internal/and-then.js';
import { fromMany } from '../internal/from-input.js';
import { reportDraft } from './port-drafts.js';

/** The action has been executed; no event of its own. */
export interface Executed<Data extends JsonRecord> {
  readonly type: 'executed';
  readonly state: State<Data>;
}

/** What execution is made of: what the environment reports, then what came of it. */
export type Execution<Data extends JsonRecord> = PlainEventDraft | Executed<Data>;

const isSignal = (value: unknown): value is Signal => typeof value === 'object' && value !== null && 'type' in value;

const executed = <Data extends JsonRecord>(state: State<Data>): Executed<Data> => ({ type: 'executed', state });

/** Ids that are unique in the run, however often the action of a step is executed. */
const contextOf = (step: number): ExecuteContext => {
  let calls = 0;
  return {
    step,
    createCallId: () => {
      calls += 1;
      return `${step}.${calls}`;
    },
  };
};

const isExecuted = <Data extends JsonRecord>(item: Execution<Data>): item is Executed<Data> => item.type === 'executed';

const toExecuted = <Data extends JsonRecord>(value: State<Data>): Executed<Data> => {
  const decoded = toState(value);
  if (isLeft(decoded)) throw new ContractError(`The environment gave something that is no state. ${decoded.left.join('; ')}`);
  return executed(decoded.right);
};

/**
 * Lets the environment execute an action. A failure is an `error` event, and the step goes on with the state before
 * plus `_error`.
 *
 * ```text
 * environment  -s-p-#
 * execute      -s-p-(ex|)     e: error, x: executed, with `_error` in the state
 * ```
 */
export const execute = <Data extends JsonRecord>(
  environment: Environment<Data>,
  action: Action,
  state: State<Data>,
  step: number,
): Observable<Execution<Data>> =>
  defer(() => fromMany<State<Data> | Signal>(environment.execute(action, state, contextOf(step)))).pipe(
    map((value): Execution<Data> => (isSignal(value) ? reportDraft(value, step) : toExecuted(value))),
    andThen({
      isFinal: isExecuted<Data>,
      project: () => EMPTY,
      missing: () => new ContractError(`The environment gave no state after ${action.name}.`),
    }),
    catchError((error: unknown) => {
      const text = errorText(error);
      return of(draft('error', step, { error: text }), executed({ ...state, data: { ...state.data, _error: text } }));
    }),
  );
