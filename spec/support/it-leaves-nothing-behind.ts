import { expect } from 'chai';
import type { LLMBackend, LLMChunk } from '../../lib/backend/backend.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { chunks } from './backends-in-turn.js';

/** An answer drawn in marbles and what it fails with. */
export type DrawnAnswer = readonly [marbles: string, error?: unknown];

/**
 * Adds a case in which the answer is left at each frame up to one: no request and no timer is open right after that, and
 * none begins later.
 */
export function itLeavesNothingBehind(
  answers: readonly DrawnAnswer[],
  upTo: number,
  decorate: (stream: LLMBackend['stream']) => LLMBackend,
): void {
  it('leaves no request and no timer behind, whenever it is left', () => {
    for (let frame = 0; frame <= upTo; frame += 1) {
      agentMarbles(({ cold, at, flush, pendingTimers }) => {
        const given = answers.map(([marbles, error]) => cold<LLMChunk>(marbles, chunks, error));
        const waiting = [...given];
        const backend = decorate(() => {
          const answer$ = waiting.shift();
          if (answer$ === undefined) throw new Error('That many requests were not expected.');
          return answer$;
        });
        const requests = () => given.flatMap(({ subscriptions }) => subscriptions);
        const subscription = backend.stream({ messages: [] }).subscribe({ error: () => undefined });
        at(frame, () => {
          subscription.unsubscribe();
          expect(pendingTimers(), `timers after ${frame}`).to.deep.equal([]);
          expect(Math.max(...requests().map(({ unsubscribedFrame }) => unsubscribedFrame)), `requests after ${frame}`).to.be.at.most(frame);
        });
        flush();
        for (const { subscribedFrame } of requests()) expect(subscribedFrame).to.be.at.most(frame);
      });
    }
  });
}
