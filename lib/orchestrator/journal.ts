import { concat, defer, type Observable } from 'rxjs';
import type { StreamEvent } from '../domain/stream-event.js';
import type { JournalError } from '../errors/journal-error.js';

/** The journal of one run, while it is written. */
export interface RunJournal {
  /** Why nothing is written any more; `undefined` as long as it goes well. */
  readonly failure: JournalError | undefined;
  /** Writes an event after those before it. Never throws. */
  append(event: StreamEvent): void;
  /** Completes when all that was appended before is kept: at once where it is. Errors: `JournalError` where it cannot be. */
  whenKept(): Observable<never>;
}

/** Where the events of runs are kept before what depends on them happens. Made by `journalTo`. */
export interface Journal {
  /**
   * Begins with a run.
   *
   * @param onFailure - Told once, when something could not be kept.
   */
  open(onFailure: (error: JournalError) => void): RunJournal;
}

/** What is made once everything that was told before is kept. Errors: `JournalError` where it cannot be. */
export const andWhenKept = <T>(journal: RunJournal, project: () => Observable<T>): Observable<T> =>
  concat(journal.whenKept(), defer(project));
