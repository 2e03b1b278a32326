import type { CountBasis, RequestOutcome } from './meter.js';
import type { StreamEvent } from './stream-event.js';

/** What a request to a model cost so far. */
export interface RequestCost {
  /** Who asked: `actor`, `purpose`, or `environment` for what its tools asked. */
  readonly source: string;
  /** Its number within the run, from 1. */
  readonly request: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** `reported` by the server, or `estimated`: a token for every four UTF-16 code units. */
  readonly basis: CountBasis;
}

/** One request to a model, retries, losers of a hedge and what was let go included. */
export interface LedgerEntry extends RequestCost {
  readonly outcome: RequestOutcome;
}

/** The sum of some entries. */
export interface LedgerTotals {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly requests: number;
}

/** What the requests of a run cost. */
export interface Ledger {
  /** In the order in which they ended. */
  readonly entries: readonly LedgerEntry[];
  readonly totals: LedgerTotals;
  readonly bySource: Readonly<Record<string, LedgerTotals>>;
}

const nothing: LedgerTotals = { inputTokens: 0, outputTokens: 0, requests: 0 };

const withEntry = (totals: LedgerTotals, { inputTokens, outputTokens }: RequestCost): LedgerTotals => ({
  inputTokens: totals.inputTokens + inputTokens,
  outputTokens: totals.outputTokens + outputTokens,
  requests: totals.requests + 1,
});

/**
 * The bill of a run, out of its `request_end` events: `foldLedger(log)`. Pure.
 *
 * ```text
 * events           -s-t-r-a-t-r-E      r: request_end
 * foldLedger(…)    { entries: [r, r], … }
 * ```
 *
 * A run tells them where its orchestrator has `ledger: true` or a `budget`: one entry a request, however it ended. Usage
 * that a port reports without asking a model of ours is an entry as well. A run whose tools run agents with
 * `task.meter` has what those asked among its own, as source `environment`: the sum over a parent and its children
 * would count that twice.
 *
 * ```ts
 * orchestrator.runTaskStream(task).pipe(toArray()).subscribe((events) => console.log(foldLedger(events).totals));
 * ```
 */
export function foldLedger(events: Iterable<StreamEvent>): Ledger {
  const entries: LedgerEntry[] = [];
  const bySource = new Map<string, LedgerTotals>();
  let totals = nothing;
  for (const { type, data } of events) {
    if (type !== 'request_end') continue;
    entries.push(data);
    totals = withEntry(totals, data);
    bySource.set(data.source, withEntry(bySource.get(data.source) ?? nothing, data));
  }
  return { entries, totals, bySource: Object.fromEntries(bySource) };
}
