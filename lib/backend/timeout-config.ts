import type { SchedulerLike } from 'rxjs';
import { ContractError } from '../errors/contract-error.js';
import { LONGEST_DELAY } from '../internal/longest-delay.js';

/** Configuration of `withTimeout`: how long is waited, in milliseconds from 1 to 2^31 - 1; `null` waits for ever. */
export interface TimeoutConfig {
  /** From the subscription until the server begins to answer. Defaults to 60,000. */
  readonly connect?: number | null;
  /** From the subscription, or from a `restart`, until the first content. Defaults to 120,000. */
  readonly firstToken?: number | null;
  /** Between one content and the next. Defaults to 60,000. */
  readonly idle?: number | null;
  /** From the subscription until the end of the answer. Defaults to 600,000. */
  readonly total?: number | null;
  /** What time is told by. Defaults to `asyncScheduler`, which is virtual under `TestScheduler.run`. */
  readonly scheduler?: SchedulerLike;
}

/**
 * Refuses a wait that makes no sense.
 *
 * @throws ContractError
 * @internal
 */
export function checkWait(name: string, wait: number, least: number): void {
  if (wait >= least && wait <= LONGEST_DELAY) return;
  throw new ContractError(`${name} is ${String(wait)}. Give milliseconds, ${least} to ${LONGEST_DELAY}.`);
}

/**
 * Refuses clocks that make no sense. It stands apart from what they do, which is loaded only when somebody asks.
 *
 * @throws ContractError
 * @internal
 */
export function checkTimeouts({ connect = null, firstToken = null, idle = null, total = null }: TimeoutConfig): void {
  for (const [name, wait] of Object.entries({ connect, firstToken, idle, total })) {
    if (wait !== null) checkWait(name, wait, 1);
  }
}
