import type { RequestCost } from '../domain/ledger.js';
import { ContractError } from '../errors/contract-error.js';
import { errorText } from '../errors/describe-error.js';
import type { BudgetLimits } from './budget-limits.js';
import { checkAmount } from './check-number.js';

/** What a million tokens cost, each a number from 0. */
export interface TokenPrice {
  readonly input: number;
  readonly output: number;
}

/** What a request costs so far. */
export type CostOf = (request: RequestCost) => number;

const MILLION = 1_000_000;

const checked =
  (price: CostOf): CostOf =>
  (request) => {
    let cost: unknown;
    try {
      cost = price(request);
    } catch (cause) {
      throw new ContractError(`The price of a budget failed: ${errorText(cause)}`, { cause });
    }
    if (typeof cost === 'number' && Number.isFinite(cost) && cost >= 0) return cost;
    throw new ContractError(`The price of a budget gave ${String(cost)}, where a number from 0 is due.`);
  };

/**
 * What requests cost, where a budget limits that; `undefined` where nobody needs to know.
 *
 * @throws ContractError where it is needed and missing, or makes no sense.
 */
export const costOf = (limits: BudgetLimits, price: TokenPrice | CostOf | undefined): CostOf | undefined => {
  if (price === undefined) {
    if (limits.cost === undefined) return undefined;
    throw new ContractError('A budget of cost needs a price: { input, output } per million tokens, or a function of a request.');
  }
  if (typeof price === 'function') return limits.cost === undefined ? undefined : checked(price);
  const input = checkAmount('price.input', price.input) / MILLION;
  const output = checkAmount('price.output', price.output) / MILLION;
  return limits.cost === undefined ? undefined : ({ inputTokens, outputTokens }) => inputTokens * input + outputTokens * output;
};
