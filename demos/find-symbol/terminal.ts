import { catchError, concat, defer, map, of, type Observable } from 'rxjs';
import { describeError, type AgentRun } from 'purpose-rx';
import { labelledLine } from './flow.js';
import { toLiveText } from './live-screen.js';
import type { Options } from './options.js';
import { noPaint, paint } from './paint.js';
import { toPlainText } from './plain-screen.js';
import { summaryLines } from './summary.js';
import type { Activity } from './teardown.js';

/** What the screen shows beside the events of the run. */
export interface TerminalConfig extends Options {
  /** What the agent thinks with. */
  readonly label: string;
  /** Whether its tokens are estimated. */
  readonly isEstimate: boolean;
  readonly activity: Activity;
  /** Where it is shown: drawn where that is a terminal, plain lines where it is a pipe or a file. */
  readonly output: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'hasColors'>;
}

/**
 * A run as text for a terminal: what it is, its events as they happen, what came of it. A run that fails is told,
 * and the text completes. Cold, but for the run; unsubscribing leaves the run.
 */
export const toTerminal = (run: AgentRun, { label, isEstimate, question, folder, activity, output }: TerminalConfig): Observable<string> =>
  defer(() => {
    const isLive = output.isTTY && process.env['TERM'] !== 'dumb';
    const colour = isLive && output.hasColors() ? paint : noPaint;
    const columns = isLive ? output.columns || 80 : undefined;
    const drawing = { paint: colour, columns };
    const line = (name: string, text: string): string => `${labelledLine(name, text, drawing)}\n`;
    const started = Date.now();
    return concat(
      of(`${colour('bold', 'find-symbol')}\n`, line('model', label), line('question', question), line('folder', folder)),
      run.pipe(columns === undefined ? toPlainText : toLiveText({ columns, paint: colour })),
      run.result$.pipe(
        map(
          (result) => `${summaryLines({ result, activity, elapsed: Date.now() - started, folder, isEstimate, ...drawing }).join('\n')}\n`,
        ),
      ),
    ).pipe(
      catchError((error: unknown) => {
        const { _tag, message } = describeError(error);
        return of(`\n${line('failed', `${_tag}: ${message}`)}`);
      }),
    );
  });
