import {
  catchError,
  defaultIfEmpty,
  defer,
  EMPTY,
  map,
  merge,
  mergeMap,
  of,
  Subject,
  take,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import type { RequestCost } from '../domain/ledger.js';
import { errorText } from '../errors/describe-error.js';
import { fromOne } from '../internal/from-input.js';
import { oneThen } from '../internal/one-then.js';
import type { BudgetAccount, Demand, TellBudget } from '../orchestrator/run-budget.js';
import { halt, type Halt } from '../orchestrator/run-control.js';
import { createBudgetClock, type BudgetClock } from './budget-clock.js';
import { readDecision, type AskBudget, type BudgetDecision, type BudgetExceeded } from './budget-decision.js';
import {
  BUDGET_LIMITS,
  BUDGET_UNITS,
  sameAmounts,
  soundAmounts,
  type BudgetAmounts,
  type BudgetLimit,
  type BudgetLimits,
} from './budget-limits.js';
import type { CostOf } from './budget-price.js';

/** Configuration of {@link openBudgetAccount}. */
export interface BudgetAccountConfig {
  readonly limits: BudgetLimits;
  readonly cost: CostOf | undefined;
  /** `undefined`: the run stops. */
  readonly ask: AskBudget | undefined;
  readonly scheduler: SchedulerLike;
  readonly tell: TellBudget;
}

const nothing: Readonly<Partial<BudgetAmounts>> = {};

/** What the sums of decimals are off by: three times 0.1 is 0.3. */
const ROUNDING = 1 + 1e-9;

const isBeyond = (limit: BudgetLimit, spent: number, allowed: number): boolean => spent > (limit === 'cost' ? allowed * ROUNDING : allowed);

const reasonOf = ({ limit, allowed, spent }: BudgetExceeded): string => {
  const unit = BUDGET_UNITS[limit];
  return `the budget allows ${allowed} ${unit}, and ${spent} ${unit} would be spent`;
};

class Account implements BudgetAccount {
  readonly halt$: Observable<Halt>;
  readonly #config: BudgetAccountConfig;
  readonly #allowed: BudgetAmounts;
  readonly #spent = sameAmounts(0);
  readonly #clock: BudgetClock;
  readonly #exceeded$ = new Subject<BudgetExceeded>();
  readonly #ready$ = new Subject<void>();
  /** A limit was met: it is being asked, or the run is about to end. */
  #isHeld = false;

  constructor(config: BudgetAccountConfig) {
    this.#config = config;
    this.#allowed = { ...sameAmounts(Infinity), ...config.limits };
    this.#clock = createBudgetClock(config.scheduler);
    const timeIsUp$ = this.#clock.up$.pipe(mergeMap(() => this.#timeIsUp()));
    this.halt$ = merge(this.#exceeded$.pipe(mergeMap((exceeded) => this.#settle(exceeded))), timeIsUp$);
  }

  readonly start = (): void => {
    if (!this.#isHeld) this.#clock.run(this.#allowed.ms);
  };

  readonly admit = <T>(demand: Demand, project: () => Observable<T>): Observable<T> => {
    if (!this.#isHeld) this.#check(this.#needed(demand));
    if (!this.#isHeld) return project();
    return this.#ready$.pipe(
      take(1),
      oneThen(() => this.admit(demand, project)),
    );
  };

  readonly openRequest = (): ((cost: RequestCost) => boolean) => {
    const { cost } = this.#config;
    let tokens = 0;
    let paid = 0;
    this.#spent.requests += 1;
    return (request) => {
      const counted = request.inputTokens + request.outputTokens;
      this.#spent.tokens += counted - tokens;
      tokens = counted;
      if (cost !== undefined) {
        const due = cost(request);
        this.#spent.cost += due - paid;
        paid = due;
      }
      return this.#mayGoOn();
    };
  };

  readonly allow = (more: unknown): void => {
    this.#raise(soundAmounts(more));
  };

  readonly countCall = (): void => {
    this.#spent.toolCalls += 1;
    this.#mayGoOn();
  };

  #needed({ request, calls }: Demand): Readonly<Partial<BudgetAmounts>> {
    if (calls !== undefined) return { toolCalls: calls };
    // A request that leaves no room for a token of its answer would be paid for nothing.
    return request === undefined ? nothing : { requests: 1, tokens: request.inputTokens + 1, cost: this.#config.cost?.(request) ?? 0 };
  }

  /** Once a chunk. */
  #mayGoOn(): boolean {
    if (this.#isHeld) return false;
    const { tokens, cost, requests, toolCalls } = this.#allowed;
    const spent = this.#spent;
    if (spent.tokens <= tokens && spent.cost <= cost && spent.requests <= requests && spent.toolCalls <= toolCalls) return true;
    this.#check(nothing);
    return !this.#isHeld;
  }

  #check(needed: Readonly<Partial<BudgetAmounts>>): void {
    for (const limit of BUDGET_LIMITS) if (limit !== 'ms') this.#checkLimit(limit, needed[limit] ?? 0);
  }

  /** Whoever is asked and answers at once may have given too little. */
  #checkLimit(limit: BudgetLimit, needed: number): void {
    while (!this.#isHeld && isBeyond(limit, this.#spent[limit] + needed, this.#allowed[limit]))
      this.#meet({ limit, allowed: this.#allowed[limit], spent: this.#spent[limit] + needed });
  }

  #meet(exceeded: BudgetExceeded): void {
    this.#isHeld = true;
    this.#spent.ms += this.#clock.pause();
    const { limit, allowed, spent } = exceeded;
    this.#config.tell('budget_exceeded', { limit, allowed, spent });
    this.#exceeded$.next(exceeded);
  }

  #timeIsUp(): Observable<never> {
    this.#spent.ms += this.#clock.pause();
    const [allowed, spent] = [this.#allowed.ms, this.#spent.ms];
    // A clock of the platform may go off a little early, and holds no more than 25 days.
    if (spent < allowed) this.#clock.run(allowed - spent);
    else this.#meet({ limit: 'ms', allowed, spent });
    return EMPTY;
  }

  #settle(exceeded: BudgetExceeded): Observable<Halt> {
    const { ask, tell } = this.#config;
    if (ask === undefined) return of(halt('budget', reasonOf(exceeded)));
    return defer(() => fromOne<BudgetDecision>(ask(exceeded))).pipe(
      take(1),
      map((decision) => readDecision(decision, exceeded.limit)),
      catchError((error: unknown) => of<BudgetDecision>({ decision: 'stop', reason: `asking failed: ${errorText(error)}` })),
      defaultIfEmpty<BudgetDecision, BudgetDecision>({ decision: 'stop', reason: 'nobody decided' }),
      mergeMap((decision) => {
        if (decision.decision === 'stop') {
          tell('budget_decision', decision);
          const { reason } = decision;
          return of(halt('budget', reason === undefined ? reasonOf(exceeded) : `${reasonOf(exceeded)}: ${reason}`));
        }
        tell('budget_decision', { decision: 'continue', more: { ...decision.more } });
        this.#goOn(decision.more);
        return EMPTY;
      }),
    );
  }

  #raise(more: BudgetLimits): void {
    for (const limit of BUDGET_LIMITS) this.#allowed[limit] += more[limit] ?? 0;
  }

  #goOn(more: BudgetLimits): void {
    this.#raise(more);
    this.#isHeld = false;
    this.#clock.run(this.#allowed.ms - this.#spent.ms);
    this.#ready$.next();
  }
}

/**
 * An account of what one run spends.
 *
 * @internal
 */
export const openBudgetAccount = (config: BudgetAccountConfig): BudgetAccount => new Account(config);
