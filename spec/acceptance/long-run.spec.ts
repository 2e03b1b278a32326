import { expect } from 'chai';
import { count, last, map, zip } from 'rxjs';
import { decided, scored, token } from '../../lib/domain/signal.js';
import { createOrchestrator } from '../../lib/orchestrator/orchestrator.js';

const STEPS = 100_000;

describe('a long synchronous run', () => {
  it(`takes ${STEPS} steps without overflowing the stack`, function () {
    this.timeout(90_000);
    const orchestrator = createOrchestrator<{ readonly n: number }>({
      actor: { decide: () => [token('t'), decided({ name: 'count' })] },
      purposeFunction: { evaluate: () => scored({ phiBefore: 0, phiAfter: 1 }) },
      environment: {
        reset: () => ({ data: { n: 0 } }),
        execute: (_action, { data }) => ({ data: { n: data.n + 1 } }),
        isTerminal: () => false,
      },
    });
    const run = orchestrator.runTaskStream({ purpose: 'count', maxSteps: STEPS }).detached();
    const outcomes: unknown[] = [];
    zip(
      run.pipe(count()),
      run.result$.pipe(
        last(),
        map(({ finalState, trajectory }) => [finalState?.data.n, trajectory.steps.length]),
      ),
    ).subscribe((outcome) => outcomes.push(outcome));
    expect(outcomes).to.deep.equal([[2 + 5 * STEPS, [STEPS, STEPS]]]);
  });
});
