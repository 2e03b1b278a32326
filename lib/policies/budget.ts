import { asyncScheduler, type SchedulerLike } from 'rxjs';
import type { RequestCost } from '../domain/ledger.js';
import { ContractError } from '../errors/contract-error.js';
import type { Budget } from '../orchestrator/run-budget.js';
import { openBudgetAccount } from './budget-account.js';
import type { AskBudget } from './budget-decision.js';
import { checkLimits, type BudgetLimits } from './budget-limits.js';
import { costOf, type TokenPrice } from './budget-price.js';

/** Configuration of {@link budget}: at least one limit. */
export interface BudgetConfig extends BudgetLimits {
  /** What tokens cost, in the unit of `cost`: a price per million tokens, or a function of a request. Needed for `cost` alone. */
  readonly price?: TokenPrice | ((request: RequestCost) => number);
  /** What is done where a limit is met. Defaults to `stop`. */
  readonly policy?: 'stop' | { readonly ask: AskBudget };
  /** What `ms` runs on. Defaults to RxJS's `asyncScheduler`, which is virtual under `TestScheduler.run`. */
  readonly scheduler?: SchedulerLike;
}

/**
 * What a run may spend, and what is done where it would spend more: for the option `budget` of an orchestrator, all of
 * whose runs have an account of their own, and for every agent that their tools run with `task.meter`.
 *
 * ```text
 * answer, 4 units a token   -a-b-c-d-|        a budget of 2 tokens of output left
 * the run                   -a-b-(xrE)        x: budget_exceeded, r: request_end, E: task_end, `budget`
 * request is held           ^----!
 *
 * ask(exceeded)                  ---d         d: continue
 * the run                   -a-b-(xr)d(Rs)-a-b-c-d-…   the request is made again: attempt_dropped, attempt_start
 * ```
 *
 * - A request is not made where what it is estimated at leaves no room for a token of answer, nor is a batch of tool
 *   calls that would cross the line run: `budget_exceeded` comes before anything is spent. An action counts as one call
 *   there, `parallel` as its `calls`; what counts afterwards are the `tool_start` events.
 * - In the middle of an answer, the text is counted as it comes and the request is cut at the line, its socket closed.
 *   Estimates are a token for every four UTF-16 code units, until the server reports; see `foldLedger`.
 * - `stop` ends the run at once with stopReason `budget`, whatever else is under way. It completes; it is no error.
 * - `ask` asks once for all that meet a limit meanwhile. Requests that have more to say are cut and wait, answers that
 *   are complete go on to their end, and so do tools. After `continue` what was cut is asked for again from its
 *   beginning, at its full price, unless the decision was there at once: then nothing was cut. The time spent waiting
 *   is no part of `ms`, but the clocks of backends and of the orchestrator, such as `withTimeout`, go on.
 *
 * To let a question expire, have it complete: `ask: () => answer$.pipe(takeUntil(timer(60_000)))`.
 *
 * The account, a few numbers, is kept for as long as its run is subscribed; the value itself holds nothing. Its time
 * begins with the run. Where that is resumed, the requests and calls in its log count, what was allowed beyond the limits
 * stands, and the time begins anew. Errors: a `price` that throws or gives no number from 0 fails the request with a `ContractError`.
 *
 * ```ts
 * const { events$, runTask } = createOrchestrator({ actor, purposeFunction, environment, budget: budget({ tokens: 50_000 }) });
 * ```
 *
 * @throws ContractError where a limit makes no sense, there is none, `cost` has no price, or the policy is none.
 */
export function budget(config: BudgetConfig): Budget {
  const { price, policy = 'stop', scheduler = asyncScheduler } = config;
  const limits = checkLimits(config);
  const cost = costOf(limits, price);
  const ask = policy === 'stop' ? undefined : policy.ask;
  if (policy !== 'stop' && typeof ask !== 'function')
    throw new ContractError("The policy of a budget has to be 'stop' or { ask }, with a function that is asked for a decision.");
  return { openAccount: (tell) => openBudgetAccount({ limits, cost, ask, scheduler, tell }) };
}
