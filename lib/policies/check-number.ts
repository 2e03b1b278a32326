import { ContractError } from '../errors/contract-error.js';

/** A whole number from `least`, as it is; throws a `ContractError` that names it for any other. */
export const checkCount = (name: string, count: number, least: number): number => {
  if (Number.isSafeInteger(count) && count >= least) return count;
  throw new ContractError(`${name} has to be a whole number from ${least}, not ${String(count)}.`);
};

/** A finite number from 0, as it is; throws a `ContractError` that names it for any other. */
export const checkAmount = (name: string, amount: number): number => {
  if (Number.isFinite(amount) && amount >= 0) return amount;
  throw new ContractError(`${name} has to be a number from 0, not ${String(amount)}.`);
};
