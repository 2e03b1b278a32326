import type { LLMBackend } from '../../lib/backend/backend.js';
import { rateLimiter } from '../../lib/backend/rate-limiter.js';
import { withCache } from '../../lib/backend/with-cache.js';
import { withConcurrency } from '../../lib/backend/with-concurrency.js';
import { withFallback } from '../../lib/backend/with-fallback.js';
import { withHedge } from '../../lib/backend/with-hedge.js';
import { withRateLimit } from '../../lib/backend/with-rate-limit.js';
import { withRetry } from '../../lib/backend/with-retry.js';
import { withTimeout } from '../../lib/backend/with-timeout.js';
import type { Scenario } from './fault-scenario.js';

type Decorate = (backend: LLMBackend) => LLMBackend;

/** What is waited for when nothing else sees to an end. */
const CLOCKS = { connect: 500, firstToken: 800, idle: 300, total: 2000 };

/** The chance of the waits: neither true nor a constant. */
const waits = (): (() => number) => {
  let turn = 0;
  return () => {
    turn += 1;
    return ((turn * 7) % 10) / 10;
  };
};

/** The decorators of a scenario around a model, in an order that makes sense, each made once. */
export const decorated = ({ layers, bound }: Scenario, model: LLMBackend): LLMBackend => {
  const { inner, requestsPerMinute, concurrency, retry, hedge, isHedgeOutside, isFallingBack, outer, isCached } = layers;
  const clocks = inner ?? (bound.by === 'parts' ? CLOCKS : null);
  const around: Decorate[] = [];
  if (clocks !== null) around.push(withTimeout(clocks));
  if (requestsPerMinute !== null) around.push(withRateLimit(rateLimiter({ requestsPerMinute })));
  if (concurrency !== null) around.push(withConcurrency({ requests: concurrency }));
  const again: Decorate[] = [];
  if (retry !== null) again.push(withRetry({ ...retry, delay: 40, maxWait: 1000, random: waits() }));
  if (hedge !== null) again.push(withHedge({ after: hedge }));
  around.push(...(isHedgeOutside ? again : again.toReversed()));
  const single = around.reduce((backend, decorate) => decorate(backend), model);
  const others: Decorate[] = [];
  if (isFallingBack) {
    const other: LLMBackend = { stream: (request) => model.stream(request) };
    others.push(withFallback({ backends: [clocks === null ? other : withTimeout(clocks)(other)] }));
  }
  if (outer !== null) others.push(withTimeout(outer));
  if (isCached) others.push(withCache({ anyTemperature: true }));
  return others.reduce((backend, decorate) => decorate(backend), single);
};
