import { ContractError } from '../errors/contract-error.js';

/** The limits of a budget; what is left out is not limited. */
export interface BudgetLimits {
  /** Input and output together, a number from 0. */
  readonly tokens?: number;
  /** In the unit of `price`, a number from 0. */
  readonly cost?: number;
  /** To models, retries included, a whole number from 0. */
  readonly requests?: number;
  /** A whole number from 0. */
  readonly toolCalls?: number;
  /** Milliseconds of a run, above 0. */
  readonly ms?: number;
}

/** One of them. */
export type BudgetLimit = keyof BudgetLimits;

/** An amount of each. */
export type BudgetAmounts = Record<BudgetLimit, number>;

/** In the order in which they are looked at. */
export const BUDGET_LIMITS: readonly BudgetLimit[] = ['requests', 'toolCalls', 'tokens', 'cost', 'ms'];

/** What each is counted in, in a sentence. */
export const BUDGET_UNITS: Readonly<Record<BudgetLimit, string>> = {
  tokens: 'tokens',
  cost: 'in cost',
  requests: 'requests',
  toolCalls: 'tool calls',
  ms: 'ms',
};

/** So much of each. */
export const sameAmounts = (amount: number): BudgetAmounts => ({
  tokens: amount,
  cost: amount,
  requests: amount,
  toolCalls: amount,
  ms: amount,
});

const wholes: ReadonlySet<BudgetLimit> = new Set(['requests', 'toolCalls']);

const isAmount = (limit: BudgetLimit, amount: unknown): boolean =>
  typeof amount === 'number' && (wholes.has(limit) ? Number.isSafeInteger(amount) : Number.isFinite(amount)) && amount >= 0;

/**
 * The limits of a configuration.
 *
 * @throws ContractError where one makes no sense, or there is none.
 */
export const checkLimits = (config: BudgetLimits): BudgetLimits => {
  const limits: Partial<BudgetAmounts> = {};
  for (const limit of BUDGET_LIMITS) {
    const amount = config[limit];
    if (amount === undefined) continue;
    if (!isAmount(limit, amount) || (limit === 'ms' && amount === 0)) {
      const whole = wholes.has(limit) ? 'whole ' : '';
      throw new ContractError(`The budget of ${limit} is ${String(amount)}. Give a ${whole}number ${limit === 'ms' ? 'above' : 'from'} 0.`);
    }
    limits[limit] = amount;
  }
  if (Object.keys(limits).length === 0) throw new ContractError(`A budget without a limit. Give one of ${BUDGET_LIMITS.join(', ')}.`);
  return limits;
};

/** What of a decision is an amount of a limit; whoever decides may be anybody. */
export const soundAmounts = (more: unknown): Partial<BudgetAmounts> => {
  const amounts: Partial<BudgetAmounts> = {};
  if (typeof more !== 'object' || more === null) return amounts;
  for (const limit of BUDGET_LIMITS) {
    const amount: unknown = Reflect.get(more, limit);
    if (typeof amount === 'number' && isAmount(limit, amount) && amount > 0) amounts[limit] = amount;
  }
  return amounts;
};
