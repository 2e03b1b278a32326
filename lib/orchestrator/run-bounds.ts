import { concat, defer, from, type Observable, type SchedulerLike } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import type { RunState } from '../domain/run-state.js';
import type { EventDraft } from '../domain/stream-event.js';
import { checkPolicies } from './check-policies.js';
import { haltedBy, timeIsUp } from './halted-by.js';
import type { Halt, RunControl } from './run-control.js';
import type { StopPolicy } from './stop-policy.js';

/** What bounds a run, beside its task. */
export interface BoundsConfig<Data extends JsonRecord> {
  readonly stopWhen: readonly StopPolicy<Data>[];
  /** In milliseconds; `null`: none. */
  readonly stepTimeout: number | null;
  /** In milliseconds; `null`: none. */
  readonly runTimeout: number | null;
  readonly scheduler: SchedulerLike;
}

type Drafts<Data extends JsonRecord> = Observable<EventDraft<Data> | Halt>;

/** The bounds of one run. What is not in use leaves its stream as it is. */
export interface RunBounds<Data extends JsonRecord> {
  /** Cuts a step that takes too long, and looks at the stop policies after one that has not ended the run. */
  readonly boundStep: (step$: Drafts<Data>, step: number) => Drafts<Data>;
  /** Cuts a run that takes too long, or that something outside of it ends. */
  readonly boundRun: (run$: Drafts<Data>) => Drafts<Data>;
}

/** The bounds of a run that begins now. */
export function createRunBounds<Data extends JsonRecord>(
  { stopWhen, stepTimeout, runTimeout, scheduler }: BoundsConfig<Data>,
  run: Readonly<RunState<Data>>,
  { halt$ }: RunControl,
): RunBounds<Data> {
  const startedAt = scheduler.now();
  const found$ = defer(() => from(checkPolicies(stopWhen, run, { startedAt, now: scheduler.now() })));
  return {
    boundStep: (step$, step) => {
      const timed$ =
        stepTimeout === null ? step$ : step$.pipe(haltedBy<EventDraft<Data>>(timeIsUp(`step ${step}`, stepTimeout, scheduler)));
      // Whoever ends the run lets go of this before the policies are asked.
      return stopWhen.length === 0 ? timed$ : concat(timed$, found$);
    },
    boundRun: (run$) => {
      const timed$ = runTimeout === null ? run$ : run$.pipe(haltedBy<EventDraft<Data>>(timeIsUp('the run', runTimeout, scheduler)));
      return halt$ === undefined ? timed$ : timed$.pipe(haltedBy<EventDraft<Data>>(halt$));
    },
  };
}
