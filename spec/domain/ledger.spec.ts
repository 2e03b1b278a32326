import { expect } from 'chai';
import * as fc from 'fast-check';
import { foldLedger, type LedgerEntry } from '../../lib/domain/ledger.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { eventOf } from '../support/events.js';

const entry = (more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  ...{ source: 'actor', request: 1, inputTokens: 10, outputTokens: 5, basis: 'reported', outcome: 'finished' },
  ...more,
});

const told = (entries: readonly LedgerEntry[]): StreamEvent[] => entries.map((data) => eventOf('request_end', 1, data));

describe('foldLedger', () => {
  it('is empty for a run that told of no requests', () => {
    expect(foldLedger([eventOf('usage', 1, { source: 'actor', inputTokens: 3, outputTokens: 4 })])).to.deep.equal({
      entries: [],
      totals: { inputTokens: 0, outputTokens: 0, requests: 0 },
      bySource: {},
    });
  });

  it('adds up entries, whatever became of them, in all and by their sources', () => {
    const entries = [
      entry(),
      entry({ request: 2, source: 'purpose', outcome: 'failed' }),
      entry({ request: 3, basis: 'estimated', inputTokens: 1 }),
    ];
    expect(foldLedger(told(entries))).to.deep.equal({
      entries,
      totals: { inputTokens: 21, outputTokens: 15, requests: 3 },
      bySource: {
        actor: { inputTokens: 11, outputTokens: 10, requests: 2 },
        purpose: { inputTokens: 10, outputTokens: 5, requests: 1 },
      },
    });
  });

  it('takes a source of any name for a name', () => {
    const { bySource } = foldLedger(told([entry({ source: '__proto__' }), entry({ source: 'toString' })]));
    expect(Object.keys(bySource)).to.deep.equal(['__proto__', 'toString']);
    expect(({} as Record<string, unknown>)['inputTokens']).to.equal(undefined);
  });

  it('has totals that are the sums over the sources, and of the parts of any log', () => {
    const some = fc.array(fc.record({ source: fc.constantFrom('actor', 'purpose', 'environment'), tokens: fc.nat(1000) }));
    fc.assert(
      fc.property(some, fc.nat(), (drawn, at) => {
        const entries = drawn.map(({ source, tokens }, index) => entry({ source, request: index + 1, inputTokens: tokens }));
        const cut = entries.length === 0 ? 0 : at % entries.length;
        const input = (part: readonly LedgerEntry[]): number => foldLedger(told(part)).totals.inputTokens;
        const { totals, bySource } = foldLedger(told(entries));
        expect(input(entries.slice(0, cut)) + input(entries.slice(cut))).to.equal(totals.inputTokens);
        expect(Object.values(bySource).reduce((sum, { inputTokens }) => sum + inputTokens, 0)).to.equal(totals.inputTokens);
      }),
    );
  });
});
