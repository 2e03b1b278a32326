import type { SchedulerLike } from 'rxjs';
import { DONE, PARALLEL } from '../domain/action.js';
import type { JsonRecord } from '../domain/json.js';
import { ContractError } from '../errors/contract-error.js';
import type { AnyTool } from './tool.js';
import { LONGEST_DELAY } from '../internal/longest-delay.js';

/** What all calls of an environment are run with. */
export interface ToolSettings<Data extends JsonRecord> {
  readonly tools: ReadonlyMap<string, AnyTool<Data>>;
  readonly concurrency: number;
  readonly timeout: number | null;
  readonly settleWithin: number;
  readonly maxOutput: number;
  readonly scheduler: SchedulerLike;
}

/** Shorter outputs would have no room for the note of what is missing. */
const LEAST_OUTPUT = 100;

const checkTimeout = (timeout: number | null | undefined, whose: string): void => {
  if (timeout === undefined || timeout === null || (timeout > 0 && timeout <= LONGEST_DELAY)) return;
  throw new ContractError(`The timeout of ${whose} is to be above 0 and at most ${LONGEST_DELAY} ms, or null, and is ${String(timeout)}.`);
};

const checkMaxOutput = (maxOutput: number | undefined, whose: string): void => {
  if (maxOutput === undefined || (Number.isSafeInteger(maxOutput) && maxOutput >= LEAST_OUTPUT)) return;
  throw new ContractError(`The maxOutput of ${whose} is to be a whole number from ${LEAST_OUTPUT}, and is ${String(maxOutput)}.`);
};

const byName = <Data extends JsonRecord>(tools: readonly AnyTool<Data>[]): ReadonlyMap<string, AnyTool<Data>> => {
  const found = new Map<string, AnyTool<Data>>();
  for (const tool of tools) {
    const { name, timeout, maxOutput } = tool;
    if (name.trim() === '') throw new ContractError('A tool has an empty name.');
    if (name.toUpperCase() === DONE || name === PARALLEL) throw new ContractError(`A tool cannot be named ${name}: that name is reserved.`);
    if (found.has(name)) throw new ContractError(`Two tools are named ${name}.`);
    checkTimeout(timeout, name);
    checkMaxOutput(maxOutput, name);
    found.set(name, tool);
  }
  return found;
};

/**
 * The settings, checked.
 *
 * @throws ContractError - Where one makes no sense.
 * @internal
 */
export function toolSettings<Data extends JsonRecord>(
  settings: Omit<ToolSettings<Data>, 'tools'> & { readonly tools: readonly AnyTool<Data>[] },
): ToolSettings<Data> {
  const { concurrency, timeout, settleWithin, maxOutput } = settings;
  if (!Number.isSafeInteger(concurrency) || concurrency < 1)
    throw new ContractError(`concurrency is to be a whole number from 1, and is ${String(concurrency)}.`);
  checkTimeout(timeout, 'the environment');
  if (!(settleWithin >= 0 && settleWithin <= LONGEST_DELAY))
    throw new ContractError(`settleWithin is to be from 0 to ${LONGEST_DELAY} ms, and is ${String(settleWithin)}.`);
  checkMaxOutput(maxOutput, 'the environment');
  return { ...settings, tools: byName(settings.tools) };
}
