import { ExpectationError } from '../../lib/errors/expectation-error.js';
import type { AgentHelpers } from '../../lib/testing/marbles/agent-helpers.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

/** The page that a test of agents fails with. */
export const failureOf = (body: (helpers: AgentHelpers) => void): string => {
  try {
    agentMarbles(body);
  } catch (error) {
    if (error instanceof ExpectationError) return error.message;
    throw error;
  }
  return 'The test passed.';
};
