import { Observable, throwError, type MonoTypeOperatorFunction } from 'rxjs';
import type { RunState } from '../domain/run-state.js';
import { draft, type PlainEventDraft } from '../domain/stream-event.js';
import type { Inbox } from './inbox.js';
import { interruptedBy } from './interrupted-by.js';
import type { RunControl } from './run-control.js';

const INTERRUPTED = 'interrupted';

const failure = (said: readonly string[]): Error => new Error(`${INTERRUPTED}: ${said.join('; ')}`);

/** Tells that what an execution has left open has ended. */
const endOpen = ({ step, approvals, calls }: Readonly<RunState>, tell: (event: PlainEventDraft) => void): void => {
  for (const [callId, decided] of approvals)
    if (decided === null) tell(draft('approval_decision', step, { callId, decision: 'deny', reason: INTERRUPTED }));
  for (const { callId, name, result } of calls.values())
    if (result === undefined) tell(draft('tool_end', step, { callId, name, ok: false, error: INTERRUPTED, settlement: 'cancelled' }));
};

/** What becomes of an execution that had been interrupted when its run broke off: nothing of it is done any more. */
export const stayInterrupted = (control: RunControl, run: Readonly<RunState>, said: readonly string[]): Observable<never> =>
  new Observable((subscriber) => {
    endOpen(run, (event) => {
      if (!subscriber.closed) control.tell(event);
    });
    subscriber.error(failure(said));
  });

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
    const said = inbox.apply(['interrupt']).map(({ message }) => message);
    endOpen(run, (event) => {
      inbox.tell(event);
    });
    return throwError(() => failure(said));
  });
