import type { Observable } from 'rxjs';
import type { RequestCost } from '../domain/ledger.js';
import { isRecord } from '../domain/is-record.js';
import type { StreamEventData } from '../domain/stream-event.js';
import { ContractError } from '../errors/contract-error.js';
import type { Halt } from './run-control.js';

/** Tells of a budget in the events of a run. */
export type TellBudget = <Type extends 'budget_exceeded' | 'budget_decision'>(type: Type, data: StreamEventData<Type>) => void;

/** What somebody is about to spend. */
export interface Demand {
  /** A request, with what its input is estimated at. */
  readonly request?: RequestCost;
  /** How many tool calls. */
  readonly calls?: number;
}

/** What one run spends, and what it may. */
export interface BudgetAccount {
  /** Ends the run; held as long as it goes on. */
  readonly halt$: Observable<Halt>;
  /** The run has begun. */
  readonly start: () => void;
  /** Makes something when there are means for it: at once where there are; never, where the run is about to end. */
  readonly admit: <T>(demand: Demand, project: () => Observable<T>) => Observable<T>;
  /** For a request that begins: to be told what it costs so far. `false`: there are no means for more. */
  readonly openRequest: () => (cost: RequestCost) => boolean;
  /** Raises the limits by what had been decided before the run was resumed; to be told before that is counted. */
  readonly allow: (more: unknown) => void;
  /** A tool call begins. */
  readonly countCall: () => void;
}

/** What a run may spend, as a value that many runs can be given: each has an account of its own. */
export interface Budget {
  readonly openAccount: (tell: TellBudget) => BudgetAccount;
}

/**
 * Refuses at the door what would limit nothing.
 *
 * @throws ContractError where it is no budget.
 */
export function requireBudget(budget: Budget): void {
  if (!isRecord(budget) || typeof budget['openAccount'] !== 'function')
    throw new ContractError('budget has to be what budget({ … }) of purpose-rx/resilience gives, or left out.');
}
