// Backends that survive: decorators, each `LLMBackend → LLMBackend`.
export type { TimeoutConfig } from './backend/timeout-config.js';
export { withTimeout } from './backend/with-timeout.js';

// Stop policies: when a run is to stop, as values that combine.
export type { RunClock, StopPolicy, Verdict } from './orchestrator/stop-policy.js';
export { allOf } from './policies/all-of.js';
export { anyOf } from './policies/any-of.js';
export { deadline } from './policies/deadline.js';
export { noProgress, type NoProgressConfig } from './policies/no-progress.js';
export { nudgeFirst, type NudgeFirstConfig } from './policies/nudge-first.js';
export { plateau, type PlateauConfig } from './policies/plateau.js';
export { repeatedAction, type RepeatedActionConfig } from './policies/repeated-action.js';
export { steps } from './policies/steps.js';
export { stopWhen } from './policies/stop-when.js';

// Asking again, asking others.
export { AllBackendsFailedError } from './errors/all-backends-failed-error.js';
export { RetriesExhaustedError } from './errors/retries-exhausted-error.js';
export { withFallback, type FallbackConfig } from './backend/with-fallback.js';
export { withHedge, type HedgeConfig } from './backend/with-hedge.js';
export { withRetry, type RetryConfig } from './backend/with-retry.js';

// What a run may spend.
export { budget, type BudgetConfig } from './policies/budget.js';
export type { AskBudget, BudgetDecision, BudgetExceeded } from './policies/budget-decision.js';
export type { BudgetLimits } from './policies/budget-limits.js';
export type { TokenPrice } from './policies/budget-price.js';

// What a server allows, and answers that need not be asked for again.
export { CacheError } from './errors/cache-error.js';
export { concurrencyLimit, type ConcurrencyConfig, type ConcurrencyLimit } from './backend/concurrency-limit.js';
export { rateLimiter, type RateLimiter, type RateLimiterConfig, type RateTicket } from './backend/rate-limiter.js';
export type { AnswerStore, MemoryStoreConfig, StoredAnswer } from './backend/answer-store.js';
export { withCache, type CacheConfig } from './backend/with-cache.js';
export { withConcurrency } from './backend/with-concurrency.js';
export { withRateLimit, type RateLimitConfig } from './backend/with-rate-limit.js';

// Runs that are kept, to be resumed.
export { JournalError } from './errors/journal-error.js';
export { journalTo, type JournalStore } from './policies/journal-to.js';
