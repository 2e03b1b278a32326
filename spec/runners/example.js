import { agentMarbles } from 'purpose-rx/testing';
import { timeout } from 'rxjs';
import { agentRun } from './agent.js';

/** Tests that pass, by the `describe` and `it` of any runner. */
export const exampleTests = ({ describe, it }) => {
  describe('an agent', () => {
    it('thinks, uses two tools side by side, and is judged', () => {
      agentMarbles((m) => {
        const run = agentRun(m);
        m.expectRun(run).toBe('(Ss) 6ms t 4ms (abb) @25ms p @35ms r @45ms r @145ms (veyE|)', { p: { data: { value: 0.5 } } });
        m.expectResult(run).toMatch({ trajectory: { finalPhi: 9 } });
      });
    });

    it('lets go of both tools in the frame in which its user leaves', () => {
      agentMarbles((m) => {
        m.expectRun(agentRun(m), '^ 29ms !').toBe('(Ss) 6ms t 4ms (abb) @25ms p');
        m.expectTeardown().toBe('30ms !');
      });
    });

    // Both waits are virtual only where the library and its user have one copy of RxJS.
    it('fails by a timeout of its user, in virtual time', () => {
      agentMarbles((m) => {
        const slow = m.actor('60s (d|)');
        const run = m.run({ actor: { decide: (context) => slow.decide(context).pipe(timeout(50)) } });
        m.expectRun(run).toBe('(Ss) @50ms (E#)', {}, { name: 'TimeoutError' });
        m.expectCalls(slow).toBe('^ 49ms !');
      });
    });
  });
};
