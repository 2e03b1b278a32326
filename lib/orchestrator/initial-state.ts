import { catchError, defer, map, of, take, throwError, throwIfEmpty, type Observable } from 'rxjs';
import { isLeft } from '../domain/either.js';
import type { JsonRecord } from '../domain/json.js';
import { toState, type State } from '../domain/state.js';
import type { Environment } from '../environment/environment.js';
import { ContractError } from '../errors/contract-error.js';
import { errorText } from '../errors/describe-error.js';
import { fromOne } from '../internal/from-input.js';
import type { ResolvedTask } from './resolve-task.js';

const checked = <Data extends JsonRecord>(state: State<Data>): State<Data> => {
  const decoded = toState(state);
  if (isLeft(decoded)) throw new Error(decoded.left.join('; '));
  return decoded.right;
};

const failed = (cause: unknown): ContractError => new ContractError(`environment.reset() failed: ${errorText(cause)}`, { cause });

/** The state that a run begins with: the task's own, or what the environment resets to. Errors: `ContractError`. */
export const initialState = <Data extends JsonRecord>(environment: Environment<Data>, task: ResolvedTask<Data>): Observable<State<Data>> =>
  task.initialState !== undefined
    ? of(task.initialState)
    : defer(() => fromOne<State<Data>>(environment.reset())).pipe(
        take(1),
        throwIfEmpty(() => new Error('it gave no state')),
        map(checked),
        catchError((cause: unknown) => throwError(() => failed(cause))),
      );
