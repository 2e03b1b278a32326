import { ContractError } from '../errors/contract-error.js';
import type { LLMBackend } from './backend.js';
import { LONGEST_DELAY } from '../internal/longest-delay.js';

/**
 * Throws a `ContractError` where a time of a configuration makes no sense.
 *
 * @internal
 */
export function checkTime(name: string, time: number): void {
  if (time >= 0 && time <= LONGEST_DELAY) return;
  throw new ContractError(`${name} has to be milliseconds from 0 to ${LONGEST_DELAY}, not ${String(time)}.`);
}

/**
 * Throws a `ContractError` where a number of things in a configuration makes no sense.
 *
 * @internal
 */
export function checkCount(name: string, count: number, least = 1): void {
  if (Number.isSafeInteger(count) && count >= least) return;
  throw new ContractError(`${name} has to be a whole number from ${least}, not ${String(count)}.`);
}

/**
 * Throws a `ContractError` where there is no other backend to ask, or one that cannot be asked.
 *
 * @internal
 */
export function checkBackends(backends: readonly LLMBackend[]): void {
  // Callers without types may pass anything.
  if (!Array.isArray(backends) || backends.length === 0) throw new ContractError('backends has to be a list of at least one backend.');
  const at = backends.findIndex((backend: Partial<LLMBackend> | null | undefined) => typeof backend?.stream !== 'function');
  if (at >= 0) throw new ContractError(`backends[${at}] is no backend: it has no stream().`);
}
