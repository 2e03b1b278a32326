import type { JsonRecord } from '../domain/json.js';
import type { RunState } from '../domain/run-state.js';
import type { ExecuteContext } from '../environment/environment.js';
import { reportDraft } from './port-drafts.js';
import type { RunControl } from './run-control.js';

/** What an environment may tell under the engine's own names beside an execution and after it. */
const lateEvents: ReadonlySet<string> = new Set(['tool_late_result']);

/**
 * What lets an environment name its calls among those of all runs, and tell what happens beside an execution. It is told in
 * the step that it falls in, which may be a later one.
 */
export const toldBeside = <Data extends JsonRecord>(
  control: RunControl,
  run: RunState<Data>,
): Pick<ExecuteContext, 'runId' | 'tell' | 'whenKept'> => ({
  runId: control.runId,
  ...(control.whenKept && { whenKept: control.whenKept }),
  tell: (signal) => {
    control.tell(reportDraft(signal, run.step, lateEvents));
  },
});
