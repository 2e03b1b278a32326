import type { StreamEvent } from '../../lib/domain/stream-event.js';
import type { Environment } from '../../lib/environment/environment.js';

/** An environment that counts: each action adds one to `n`. */
export const counting = (overrides: Partial<Environment> = {}): Environment => ({
  reset: () => ({ data: { n: 0 } }),
  execute: (_action, { data }) => ({ data: { ...data, n: Number(data['n']) + 1 } }),
  isTerminal: () => false,
  ...overrides,
});

/** The types of some events. */
export const typesOf = (events: readonly StreamEvent[]): string[] => events.map(({ type }) => type);
