import { EMPTY, filter, takeWhile, type Observable } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import type { RunState } from '../domain/run-state.js';
import type { State } from '../domain/state.js';
import { draft, type EventDraft } from '../domain/stream-event.js';
import { concatRange } from '../internal/concat-range.js';
import { oneThen } from '../internal/one-then.js';
import type { Inbox } from './inbox.js';
import { initialState } from './initial-state.js';
import type { Ports } from './ports.js';
import type { ResolvedTask } from './resolve-task.js';
import type { Resumption } from './resume.js';
import { createRunBounds } from './run-bounds.js';
import type { Halt, RunControl } from './run-control.js';
import { takeRestOfStep, takeStep } from './take-step.js';
import { startHearing, withInbox } from './with-inbox.js';

type Drafts<Data extends JsonRecord> = Observable<EventDraft<Data> | Halt>;

const isEnding = ({ type }: EventDraft | Halt): boolean =>
  type === 'done' || type === 'early_stop' || type === 'terminal' || type === 'halt';

/**
 * The loop: everything between `task_start` and the end of the last step, cold. It emits drafts, which its run numbers
 * and folds into `run` before the next one is asked for.
 *
 * ```text
 * decide          -t-t-a
 * execute               --p--x
 * evaluate                    -t-S
 * pipeline  (TS)-t-t-a----p---t-(Se)…     T: task_start, S: step_start, then score and step_end
 * ```
 */
export const pipeline = <Data extends JsonRecord>(
  ports: Ports<Data>,
  task: ResolvedTask<Data>,
  run: RunState<Data>,
  control: RunControl,
): Drafts<Data> => {
  const { purpose, maxSteps, earlyStopPhi, resumption } = task;
  const { boundStep, boundRun } = createRunBounds(ports, run, control);
  /** The steps from one on, the first of which may have begun before. */
  const stepsFrom = (first: number, initial: State<Data>, inbox: Inbox | undefined, begun?: Resumption<Data>): Drafts<Data> =>
    concatRange(maxSteps - first + 1, (index) => {
      const step = first + index - 1;
      const context = (): Parameters<typeof takeStep<Data>>[0] => ({ ports, task, run, control, inbox, state: run.state ?? initial, step });
      return control.whenIdle(() =>
        boundStep(begun !== undefined && index === 1 ? takeRestOfStep(context(), begun) : takeStep(context()), step),
      );
    });
  const begin = (inbox: Inbox | undefined): Drafts<Data> =>
    initialState(ports.environment, task).pipe(
      oneThen((initial) =>
        startHearing(inbox, draft('task_start', 0, { purpose, maxSteps, earlyStopPhi, initialState: initial }), () =>
          stepsFrom(1, initial, inbox),
        ),
      ),
    );
  const goOn = (inbox: Inbox | undefined, { stage, events, doubtful, initial, run: { step, ending } }: Resumption<Data>): Drafts<Data> =>
    startHearing(inbox, draft('run_resumed', step, { after: events.length - 1, inDoubt: doubtful }), () => {
      if (stage === 'ended' || (stage === 'closing' && ending !== null)) return EMPTY;
      // Whether a policy had stopped it was about to be told.
      if (stage === 'closing') return boundStep(EMPTY, step).pipe(filter(({ type }) => type === 'halt'));
      return stage === 'between' ? stepsFrom(1, initial, inbox) : stepsFrom(step, initial, inbox, resumption);
    });
  return withInbox({ input$: task.input$, run, control }, (inbox) =>
    boundRun((resumption === undefined ? begin(inbox) : goOn(inbox, resumption)).pipe(takeWhile((event) => !isEnding(event), true))),
  );
};
