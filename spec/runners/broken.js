import { agentMarbles } from 'purpose-rx/testing';
import { agentRun } from './agent.js';

/** The first test of the example with one event drawn 5 ms late. It fails, and what a runner prints then is to be read. */
export const brokenTests = ({ describe, it }) => {
  describe('an agent', () => {
    it('thinks, uses two tools side by side, and is judged', () => {
      agentMarbles((m) => {
        m.expectRun(agentRun(m)).toBe('(Ss) 6ms t 4ms (abb) @30ms p @35ms r @45ms r @145ms (veyE|)', { p: { data: { value: 0.5 } } });
      });
    });
  });
};
