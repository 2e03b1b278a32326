import { Observable } from 'rxjs';
import { PARALLEL, type Action } from '../domain/action.js';
import type { JsonRecord } from '../domain/json.js';
import { meterOf, type Meter } from '../domain/meter.js';
import type { RunState } from '../domain/run-state.js';
import { draft, type EventDraft, type PlainEventDraft, type StreamEvent } from '../domain/stream-event.js';
import { LinkedSubscriber } from '../internal/linked-subscriber.js';
import type { Budget } from './run-budget.js';
import type { Halt, RunControl } from './run-control.js';
import { RunLedger } from './run-ledger.js';

/** Configuration of {@link meterRun}: any of the first three turns it on. */
export interface RunMeterConfig<Data extends JsonRecord> {
  readonly ledger: boolean;
  readonly budget: Budget | undefined;
  /** That of the run whose tool runs this one. */
  readonly parent: Meter | undefined;
  /** The log that the run goes on from. */
  readonly before: readonly StreamEvent<Data>[];
  readonly run: Readonly<RunState<Data>>;
  readonly control: RunControl;
}

type Drafts<Data extends JsonRecord> = Observable<EventDraft<Data> | Halt>;

/**
 * Counts what a loop spends and ends it where its budget does. What is under way when it ends is let go, and told as an
 * entry, before the end is.
 *
 * ```text
 * loop          -s-t-t-t-t-
 * meterRun      -s-t-t-(xrh|)    x: budget_exceeded, r: request_end, h: the halt
 * ```
 *
 * The loop is given a control that makes meters, that holds up its steps while it is asked about the budget, and that says
 * when the means are at their end: it is the loop that lets go of what is under way then, and ends with the halt.
 *
 * @internal
 */
export const meterRun = <Data extends JsonRecord>(
  config: RunMeterConfig<Data>,
  loop: (control: RunControl) => Drafts<Data>,
): Drafts<Data> => {
  const { ledger, budget, parent, control } = config;
  return ledger || budget !== undefined || parent !== undefined ? metered(config, loop) : loop(control);
};

const metered = <Data extends JsonRecord>(
  { budget, parent, before, run, control }: RunMeterConfig<Data>,
  loop: (control: RunControl) => Drafts<Data>,
): Drafts<Data> =>
  new Observable((subscriber) => {
    const account = budget?.openAccount((type, data) => {
      // Type and data come as one pair, which TypeScript cannot see.
      control.tell({ type, step: run.step, data } as PlainEventDraft);
    });
    const ledger = new RunLedger({
      account,
      parent,
      tell: (entry) => {
        control.tell(draft('request_end', run.step, entry));
      },
    });
    let hasBegun = false;
    const work = new LinkedSubscriber<EventDraft<Data> | Halt>(subscriber, {
      next: (item) => {
        const settle = item.type === 'usage' ? ledger.hearUsage(item.data) : undefined;
        subscriber.next(item);
        // Ended while it was told.
        if (subscriber.closed) return;
        if (!hasBegun) {
          hasBegun = true;
          account?.start();
          ledger.recall(before);
        }
        settle?.();
        if (item.type === 'tool_start') ledger.countCall();
      },
      complete: () => {
        // What a port has not let go of ends with the run.
        ledger.close();
        subscriber.complete();
      },
    });
    // After the loop has been let go, even where that is still inside its own synchronous subscribe.
    subscriber.add(() => {
      ledger.close();
    });
    const metering: RunControl = { ...control, meter: (source) => ledger.meter(source) };
    const admitting = account && {
      whenIdle: <T>(project: () => Observable<T>) => control.whenIdle(() => account.admit({}, project)),
      halt$: account.halt$,
    };
    loop({ ...metering, ...admitting }).subscribe(work);
  });

/** The meter for one call of a port, as a part of its context: nothing where nothing is counted. */
export const meterFor = ({ meter }: RunControl, source: string): { readonly meter?: Meter } =>
  meter === undefined ? nothing : meterOf({ meter: meter(source) });

const nothing = {};

const callCount = ({ name, params: { calls } }: Action): number => (name === PARALLEL && Array.isArray(calls) ? calls.length : 1);

/**
 * Executes an action once there is leave for its calls: at once where nothing is counted.
 *
 * @param begun - How many of them had begun before the run was resumed, and are counted already.
 */
export const meteredCalls = <T>(
  control: RunControl,
  action: Action,
  begun: number,
  execute: (meter: Meter | undefined) => Observable<T>,
): Observable<T> => {
  const meter = control.meter?.('environment');
  return meter === undefined ? execute(meter) : meter.beforeCalls(Math.max(0, callCount(action) - begun), () => execute(meter));
};
