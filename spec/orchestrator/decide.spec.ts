import { expect } from 'chai';
import { of } from 'rxjs';
import type { ActorSignal } from '../../lib/actor/actor.js';
import { decided, scored, token } from '../../lib/domain/signal.js';
import type { PlainEventDraft } from '../../lib/domain/stream-event.js';
import { decide } from '../../lib/orchestrator/decide.js';
import { evaluate } from '../../lib/orchestrator/evaluate.js';
import type { PurposeSignal } from '../../lib/purpose/purpose-function.js';
import { attemptAfter } from '../support/attempt-after.js';
import { decideContext } from '../support/decide-context.js';

const action = decided({ name: 'look' });

/** What an actor's signals become, as `type attempt`. */
const deciding = (attempt: number | undefined, ...signals: readonly ActorSignal[]): readonly PlainEventDraft[] => {
  const drafts: PlainEventDraft[] = [];
  const context = decideContext(attempt === undefined ? {} : { attempt });
  decide({ decide: () => of(...signals, action) }, context).subscribe((event) => drafts.push(event));
  return drafts.slice(0, -1);
};

const attemptsOf = (drafts: readonly PlainEventDraft[]) => drafts.map(({ data }) => ('attempt' in data ? data.attempt : undefined));

describe('decide', () => {
  it('tells of attempts with the source, redacted', () => {
    const [dropped, started] = attemptAfter(1, 'refused with key sk-abcdefghijklmnop');
    expect(deciding(undefined, dropped, started)).to.deep.equal([
      { type: 'attempt_dropped', step: 1, data: { source: 'actor', attempt: 1, reason: 'refused with key [redacted]' } },
      { type: 'attempt_start', step: 1, data: { source: 'actor', attempt: 2 } },
    ]);
  });

  it('lets no token be of a lower attempt than the one that is asked for', () => {
    expect(attemptsOf(deciding(3, token('a'), token('b', { attempt: 2 }), token('c', { attempt: 4 })))).to.deep.equal([3, 3, 4]);
    expect(attemptsOf(deciding(undefined, token('a'), token('b', { attempt: 2 })))).to.deep.equal([1, 2]);
  });

  it('fails where an attempt is no whole number', () => {
    for (const type of ['attempt_dropped', 'attempt_start'] as const) {
      const failures: unknown[] = [];
      decide({ decide: () => of({ type, attempt: 1.5, reason: '' }) }, decideContext()).subscribe({
        error: (error: unknown) => failures.push(error),
      });
      expect(failures[0]).to.include({ _tag: 'ContractError', message: 'A port told of attempt 1.5, which is no whole number.' });
    }
  });
});

describe('evaluate', () => {
  it('does the same for a purpose function', () => {
    const state = { data: {} };
    const drafts: PlainEventDraft[] = [];
    const score = scored({ phiBefore: 0, phiAfter: 1, evidence: 'e' });
    const signals: readonly PurposeSignal[] = [token('a'), ...attemptAfter(2, 'cut'), token('b', { attempt: 3 }), score];
    evaluate(
      { evaluate: () => of(...signals) },
      { purpose: 'p', stateBefore: state, stateAfter: state, action: action.action, step: 2, scores: [], attempt: 2 },
    ).subscribe((event) => drafts.push(event));
    expect(attemptsOf(drafts)).to.deep.equal([2, 2, 3, 3, undefined]);
    expect(drafts[1]?.data).to.have.property('source', 'purpose');
  });
});
