import { expect } from 'chai';
import { map, timer } from 'rxjs';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { decided } from '../../lib/domain/signal.js';
import type { Environment } from '../../lib/environment/environment.js';
import { tool } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { orchestrate } from '../support/orchestrate.js';
import { promiseOf } from '../support/thenables.js';

describe('toldBeside', () => {
  const keys: string[] = [];
  const slow = tool({
    name: 'slow',
    timeout: 5,
    run: (_, { idempotencyKey }) => {
      keys.push(idempotencyKey);
      return promiseOf(timer(20).pipe(map(() => 'late')));
    },
  });

  it('tells a late result in the step that it falls in, and names calls among those of all runs', () =>
    agentMarbles(({ actor, purposeFunction, run, expectEvents, flush }) => {
      const steps = actor(['(a|)', '30ms (d|)'], { a: decided({ name: 'slow' }), d: decided({ name: 'DONE' }) });
      const environment = toolEnvironment({ tools: [slow], settleWithin: 3 });
      const watched = run({ actor: steps, purposeFunction: purposeFunction('(5|)'), environment });

      keys.length = 0;
      expectEvents(watched, ['tool_end', 'tool_late_result', 'task_end']).toBe('--------u 11ms l @38ms (E|)', {
        u: { type: 'tool_end', step: 1, data: { ok: false, settlement: 'unsettled' } },
        l: { type: 'tool_late_result', step: 2, data: { callId: '1.1', name: 'slow', ok: true, output: 'late' } },
        E: { type: 'task_end', data: { stopReason: 'done' } },
      });
      flush();
      expect(keys).to.deep.equal(['run-1:1.1']);
    }));

  it('tells it after the end of a cancelled run to those who watch all runs', () =>
    agentMarbles(({ actor, orchestrator, at, flush }) => {
      const all = orchestrator({ actor: actor('(a|)', { a: decided({ name: 'slow' }) }), environment: toolEnvironment({ tools: [slow] }) });
      const seen: StreamEvent[] = [];
      all.events$.subscribe((event) => seen.push(event));
      const subscription = all.runTaskStream({ purpose: 'look' }).subscribe();
      at(2, () => {
        subscription.unsubscribe();
      });
      flush();
      expect(seen.slice(-2).map(({ type, timestamp }) => [type, timestamp])).to.deep.equal([
        ['task_end', 2],
        ['tool_late_result', 20],
      ]);
    }));

  it('refuses what only the engine may tell, and what is no JSON', () => {
    const refused: unknown[] = [];
    const environment: Environment = {
      reset: () => ({ data: {} }),
      execute: (_action, state, context) => {
        for (const signal of [
          { type: 'score', data: {} },
          { type: 'tool_end', data: {} },
          { type: 'tool_late_result', data: { callId: 1 } },
        ]) {
          try {
            context?.tell?.(signal);
          } catch (error) {
            refused.push(error);
          }
        }
        context?.tell?.({ type: 'page_loaded', data: { url: 'a' } });
        return state;
      },
      isTerminal: () => true,
    };
    const seen: string[] = [];
    orchestrate({ actor: { decide: () => decided({ name: 'go' }) }, environment })
      .runTaskStream({ purpose: 'look', maxSteps: 1 })
      .subscribe(({ type }) => seen.push(type));
    expect(seen).to.include('page_loaded');
    expect(refused).to.have.length(3);
    for (const error of refused) expect(error).to.be.instanceOf(ContractError);
  });
});
