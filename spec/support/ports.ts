import { of } from 'rxjs';
import type { Actor, DecideContext } from '../../lib/actor/actor.js';
import { decided, scored, type ActionInit } from '../../lib/domain/signal.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import type { Environment } from '../../lib/environment/environment.js';
import type { OrchestratorConfig } from '../../lib/orchestrator/orchestrator.js';
import type { PurposeFunction } from '../../lib/purpose/purpose-function.js';

/** An actor that goes through a list of actions and keeps what it was asked. */
export const actingOut = (...actions: readonly (string | ActionInit)[]): Actor & { readonly asked: DecideContext[] } => {
  const asked: DecideContext[] = [];
  return {
    asked,
    decide: (context) => {
      asked.push({ ...context, history: [...context.history], turns: [...context.turns] });
      const action = actions[Math.min(context.step, actions.length) - 1] ?? 'DONE';
      return decided(typeof action === 'string' ? { name: action } : action);
    },
  };
};

/** A purpose function that goes through a list of Φ, from 0. */
export const judging = (...phis: readonly number[]): PurposeFunction => ({
  evaluate: ({ scores }) =>
    scored({ phiBefore: scores.at(-1)?.phiAfter ?? 0, phiAfter: phis[Math.min(scores.length, phis.length - 1)] ?? 0, evidence: 'seen' }),
});

/** An environment that counts: each action adds one to `n`. */
export const counting = (overrides: Partial<Environment> = {}): Environment => ({
  reset: () => ({ data: { n: 0 } }),
  execute: (_action, { data }) => ({ data: { ...data, n: Number(data['n']) + 1 } }),
  isTerminal: () => false,
  ...overrides,
});

/** Ports of which a test cares for some only. */
export const ports = (overrides: Partial<OrchestratorConfig> = {}): OrchestratorConfig => ({
  actor: actingOut('look', 'DONE'),
  purposeFunction: judging(1, 2, 3, 4),
  environment: counting(),
  ...overrides,
});

/** The types of some events. */
export const typesOf = (events: readonly StreamEvent[]): string[] => events.map(({ type }) => type);

/** A port method that emits nothing and ends. */
export const nothing = () => of();
