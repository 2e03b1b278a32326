import { fromEvent, merge, take, tap, type Observable } from 'rxjs';
import type { AgentRun } from 'purpose-rx';

/**
 * What comes from outside and ends a run early: Ctrl-C, and a reader of the output who has had enough. A second Ctrl-C
 * ends the process at once.
 */
export const interruptionsOf = (run: AgentRun): Observable<unknown> =>
  merge(
    fromEvent(process, 'SIGINT').pipe(
      take(1),
      tap(() => {
        run.cancel('Ctrl-C');
      }),
    ),
    // Without a listener, EPIPE would end the process with a stack trace.
    fromEvent(process.stdout, 'error').pipe(
      tap(() => {
        run.cancel('Nobody reads the output.');
        process.exitCode = 0;
      }),
    ),
  );
