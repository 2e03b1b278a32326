import { throwError, type MonoTypeOperatorFunction } from 'rxjs';
import type { RunState } from '../domain/run-state.js';
import { draft } from '../domain/stream-event.js';
import type { Inbox } from './inbox.js';
import { interruptedBy } from './interrupted-by.js';

const INTERRUPTED = 'interrupted';

/**
 * Lets an execution go on until a user interrupts it: then it is torn down, what it leaves open is told to have ended, and
 * it fails with what the user says, as an environment fails.
 *
 * ```text
 * input$                  ---i
 * execute                 b--!          b: tool_start
 * interruptible           b--(Ir#)      I: input_applied, r: tool_end
 * ```
 *
 * @internal
 */
export const interruptible = <T>(inbox: Inbox, run: Readonly<RunState>): MonoTypeOperatorFunction<T> =>
  interruptedBy(inbox.interrupt$, () => {
    const { step, approvals, calls } = run;
    const said = inbox.apply(['interrupt']).map(({ message }) => message);
    for (const [callId, decided] of approvals)
      if (decided === null) inbox.tell(draft('approval_decision', step, { callId, decision: 'deny', reason: INTERRUPTED }));
    for (const { callId, name, result } of calls.values())
      if (result === undefined)
        inbox.tell(draft('tool_end', step, { callId, name, ok: false, error: INTERRUPTED, settlement: 'cancelled' }));
    return throwError(() => new Error(`${INTERRUPTED}: ${said.join('; ')}`));
  });
