import { defer, of, type Observable } from 'rxjs';
import type { RequestCost } from '../domain/ledger.js';
import type { CountBasis, Meter, MeterEntry, RequestOutcome } from '../domain/meter.js';
import type { StreamEvent, StreamEventData } from '../domain/stream-event.js';
import type { Usage } from '../domain/usage.js';
import { ContractError } from '../errors/contract-error.js';
import { oneThen } from '../internal/one-then.js';
import type { BudgetAccount, Demand } from './run-budget.js';

/** Configuration of {@link RunLedger}. */
export interface RunLedgerConfig {
  readonly account: BudgetAccount | undefined;
  /** That of the run whose tool runs this one. */
  readonly parent: Meter | undefined;
  readonly tell: (entry: StreamEventData<'request_end'>) => void;
}

const OVER = 'The run on whose behalf this is counted has ended. Let go of what it began, or ask without its meter.';

/** One call of a port, as far as it is counted. */
interface PortCall {
  readonly source: string;
  requests: number;
}

class OpenEntry implements RequestCost, MeterEntry {
  readonly source: string;
  readonly request: number;
  inputTokens = 0;
  outputTokens = 0;
  basis: CountBasis = 'estimated';
  readonly #spend: ((cost: RequestCost) => boolean) | undefined;
  readonly #parent: MeterEntry | undefined;
  #onEnd: ((outcome: RequestOutcome) => void) | undefined;

  constructor(
    { source, request }: Pick<RequestCost, 'source' | 'request'>,
    spend: ((cost: RequestCost) => boolean) | undefined,
    parent: MeterEntry | undefined,
    onEnd: (entry: OpenEntry, outcome: RequestOutcome) => void,
  ) {
    this.source = source;
    this.request = request;
    this.#spend = spend;
    this.#parent = parent;
    this.#onEnd = (outcome) => {
      onEnd(this, outcome);
    };
  }

  readonly count = (inputTokens: number, outputTokens: number, basis: CountBasis): boolean => {
    if (this.#onEnd === undefined) return false;
    this.inputTokens = inputTokens;
    this.outputTokens = outputTokens;
    this.basis = basis;
    // Both are told, whatever the other says.
    const isAllowed = this.#spend === undefined || this.#spend(this);
    const isAllowedAbove = this.#parent === undefined || this.#parent.count(inputTokens, outputTokens, basis);
    return isAllowed && isAllowedAbove;
  };

  readonly end = (outcome: RequestOutcome): void => {
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    if (onEnd === undefined) return;
    onEnd(outcome);
    this.#parent?.end(outcome);
  };
}

/** The requests and tool calls of one run: numbers them, tells of each when it ends, and passes them on to who pays. */
export class RunLedger {
  readonly #config: RunLedgerConfig;
  readonly #open = new Set<OpenEntry>();
  /** The newest call of each port. */
  readonly #calls = new Map<string, PortCall>();
  #requests = 0;
  #isClosed = false;

  constructor(config: RunLedgerConfig) {
    this.#config = config;
  }

  /** The meter for one call of a port. */
  meter(source: string): Meter {
    const call: PortCall = { source, requests: 0 };
    this.#calls.set(source, call);
    return Object.assign((inputTokens: number) => this.#ask(call, inputTokens), {
      note: (usage: Usage) => {
        this.#note(source, usage)();
      },
      beforeCalls: <T>(calls: number, project: () => Observable<T>) => this.#beforeCalls(calls, project),
      countCall: () => {
        this.countCall();
      },
    });
  }

  /**
   * Takes what a port is about to report, unless what it asked has been counted itself. To be settled when it has been
   * told, for that may end the run.
   */
  hearUsage({ source, inputTokens, outputTokens }: StreamEventData<'usage'>): (() => void) | undefined {
    return (this.#calls.get(source)?.requests ?? 0) === 0 ? this.#note(source, { inputTokens, outputTokens }) : undefined;
  }

  /** Takes what was spent before the run was resumed, as its log tells it: numbers go on after those. */
  recall(events: readonly StreamEvent[]): void {
    // First what somebody had allowed beyond the limits: nobody is asked for it twice.
    for (const { type, data } of events) if (type === 'budget_decision') this.#config.account?.allow(data.more);
    for (const { type, data } of events) {
      if (type === 'tool_start') this.#config.account?.countCall();
      if (type !== 'request_end') continue;
      this.#requests = Math.max(this.#requests, data.request);
      this.#config.account?.openRequest()(data);
    }
  }

  countCall(): void {
    this.#config.account?.countCall();
    this.#config.parent?.countCall();
  }

  /** Whatever is still open has been let go, and nothing is to begin any more. */
  close(): void {
    this.#isClosed = true;
    for (const entry of this.#open) entry.end('cancelled');
  }

  #ask(call: PortCall, inputTokens: number): Observable<MeterEntry> {
    const { account, parent } = this.#config;
    const begin = (above?: MeterEntry): OpenEntry => {
      call.requests += 1;
      const entry = this.#begin(call.source, above);
      entry.count(inputTokens, 0, 'estimated');
      return entry;
    };
    return defer(() => {
      if (this.#isClosed) throw new ContractError(OVER);
      const estimate = { source: call.source, request: this.#requests + 1, inputTokens, outputTokens: 0, basis: 'estimated' as const };
      return admitted(account, { request: estimate }, () =>
        parent === undefined ? of(begin()) : parent(inputTokens).pipe(oneThen((above) => of(begin(above)))),
      );
    });
  }

  #begin(source: string, above?: MeterEntry): OpenEntry {
    this.#requests += 1;
    const entry = new OpenEntry({ source, request: this.#requests }, this.#config.account?.openRequest(), above, (ended, outcome) => {
      this.#open.delete(ended);
      const { request, inputTokens, outputTokens, basis } = ended;
      this.#config.tell({ source, request, inputTokens, outputTokens, basis, outcome });
    });
    this.#open.add(entry);
    return entry;
  }

  #note(source: string, usage: Usage): () => void {
    if (this.#isClosed) throw new ContractError(OVER);
    const entry = this.#begin(source);
    entry.inputTokens = usage.inputTokens;
    entry.outputTokens = usage.outputTokens;
    entry.basis = 'reported';
    this.#config.parent?.note(usage);
    return () => {
      entry.count(usage.inputTokens, usage.outputTokens, 'reported');
      entry.end('finished');
    };
  }

  #beforeCalls<T>(calls: number, project: () => Observable<T>): Observable<T> {
    if (this.#isClosed) throw new ContractError(OVER);
    const { account, parent } = this.#config;
    return admitted(account, { calls }, parent === undefined ? project : () => parent.beforeCalls(calls, project));
  }
}

const admitted = <T>(account: BudgetAccount | undefined, demand: Demand, project: () => Observable<T>): Observable<T> =>
  account === undefined ? project() : account.admit(demand, project);
