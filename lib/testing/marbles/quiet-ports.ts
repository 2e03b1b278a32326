import type { JsonRecord } from '../../domain/json.js';
import { decided, scored } from '../../domain/signal.js';
import type { OrchestratorConfig } from '../../orchestrator/orchestrator.js';

/**
 * Ports that do nothing: the actor is DONE at once, Φ is 0, the state is `{}` and stays it.
 *
 * @internal
 */
export const quietPorts = <Data extends JsonRecord>(): OrchestratorConfig<Data> => ({
  actor: { decide: () => decided({ name: 'DONE' }) },
  purposeFunction: { evaluate: () => scored({ phiBefore: 0, phiAfter: 0, evidence: '' }) },
  environment: {
    // `{}` is data of the default shape; who has another gives an environment, or an initial state.
    reset: () => ({ data: {} as Data }),
    execute: (_action, state) => state,
    isTerminal: () => false,
  },
});
