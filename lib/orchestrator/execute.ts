import { isLeft } from 'fp-ts/lib/Either.js';
import { catchError, concat, defer, map, of, takeWhile, throwError, type Observable } from 'rxjs';
import type { Action } from '../domain/action.js';
import { decode } from '../domain/decode.js';
import type { JsonRecord } from '../domain/json.js';
import type { Signal } from '../domain/signal.js';
import { State } from '../domain/state.js';
import { draft, type PlainEventDraft } from '../domain/stream-event.js';
import type { Environment } from '../environment/environment.js';
import { ContractError } from '../errors/contract-error.js';
import { errorText } from '../errors/describe-error.js';
import { fromMany } from '../internal/from-input.js';
import { reportDraft } from './port-drafts.js';

/** The action has been executed; no event of its own. */
export interface Executed<Data extends JsonRecord> {
  readonly type: 'executed';
  readonly state: State<Data>;
}

/** What execution is made of: what the environment reports, then what came of it. */
export type Execution<Data extends JsonRecord> = PlainEventDraft | Executed<Data>;

const isSignal = (value: State | Signal): value is Signal => typeof value === 'object' && value !== null && 'type' in value;

const executed = <Data extends JsonRecord>(state: State<Data>): Executed<Data> => ({ type: 'executed', state });

/** The state itself, once it is known to be one. */
const checked = <Data extends JsonRecord>(state: State<Data>): State<Data> => {
  const decoded = decode(State, state);
  if (isLeft(decoded)) throw new ContractError(`The environment gave something that is no state. ${decoded.left.join('; ')}`);
  return state;
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
  concat(
    defer(() => fromMany<State<Data> | Signal>(environment.execute(action, state, { step }))),
    throwError(() => new ContractError(`The environment gave no state after ${action.name}.`)),
  ).pipe(
    takeWhile((value) => isSignal(value), true),
    map((value): Execution<Data> => (isSignal(value) ? reportDraft(value, step) : executed(checked(value)))),
    catchError((error: unknown) => {
      const text = errorText(error);
      return of(draft('error', step, { error: text }), executed({ ...state, data: { ...state.data, _error: text } }));
    }),
  );
