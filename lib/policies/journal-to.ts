import { concat, defer, EMPTY, ignoreElements, Subject, takeWhile, throwError, type Observable, type ObservableInput } from 'rxjs';
import type { StreamEvent } from '../domain/stream-event.js';
import { errorText } from '../errors/describe-error.js';
import { JournalError } from '../errors/journal-error.js';
import { fromMany } from '../internal/from-input.js';
import type { Journal, RunJournal } from '../orchestrator/journal.js';

/** Somewhere to keep events. */
export interface JournalStore {
  /**
   * Keeps an event after all that were given before it. What it returns tells when the event is kept: when that completes,
   * or at once where there is nothing. It is given the next one then.
   */
  append(event: StreamEvent): void | ObservableInput<unknown>;
}

class StoreJournal implements RunJournal {
  readonly #store: JournalStore;
  readonly #onFailure: (error: JournalError) => void;
  readonly #waiting: StreamEvent[] = [];
  /** One more is kept, or none will be. */
  readonly #progress$ = new Subject<void>();
  #isWriting = false;
  #given = 0;
  #kept = 0;
  failure: JournalError | undefined;

  constructor(store: JournalStore, onFailure: (error: JournalError) => void) {
    this.#store = store;
    this.#onFailure = onFailure;
  }

  append(event: StreamEvent): void {
    if (this.failure !== undefined) return;
    this.#given += 1;
    this.#waiting.push(event);
    this.#write();
  }

  whenKept(): Observable<never> {
    return defer(() => {
      // What is told meanwhile, by a tool that never stops telling say, holds nobody up.
      const due = this.#given;
      const isWaiting = (): boolean => this.failure === undefined && this.#kept < due;
      const kept$ = defer(() => (this.failure === undefined ? EMPTY : throwError(() => this.failure)));
      return isWaiting() ? concat(this.#progress$.pipe(takeWhile(isWaiting), ignoreElements()), kept$) : kept$;
    });
  }

  /** A loop and not recursion: a store may keep a thousand events at once. */
  #write(): void {
    while (!this.#isWriting && this.failure === undefined) {
      const event = this.#waiting.shift();
      if (event === undefined) return;
      this.#isWriting = true;
      this.#keep(event);
    }
  }

  #goOn(): void {
    this.#isWriting = false;
    this.#kept += 1;
    this.#progress$.next();
  }

  #keep(event: StreamEvent): void {
    try {
      const kept = this.#store.append(event);
      if (kept === undefined) this.#goOn();
      else this.#await(kept, event);
    } catch (error) {
      this.#fail(error, event);
    }
  }

  /** Of the run's own subscription it is no part: what was told is written, whoever leaves. */
  #await(kept: ObservableInput<unknown>, event: StreamEvent): void {
    let isSynchronous = true;
    fromMany<unknown>(kept).subscribe({
      error: (error: unknown) => {
        this.#fail(error, event);
      },
      complete: () => {
        this.#goOn();
        if (!isSynchronous) this.#write();
      },
    });
    isSynchronous = false;
  }

  #fail(cause: unknown, { seq, type }: StreamEvent): void {
    this.failure = new JournalError(
      `Event ${seq} (${type}) could not be kept, so the run ends here: ${errorText(cause)}. Mend the store and resume the run.`,
      { cause },
    );
    this.#waiting.length = 0;
    this.#isWriting = false;
    this.#onFailure(this.failure);
    this.#progress$.next();
  }
}

/**
 * A journal of runs in a store, for the option `journal` of an orchestrator: each event is kept before what depends on it
 * happens. A process that is killed can be followed by another that goes on from there, by `resumeFrom`.
 *
 * ```text
 * the run        S--s--a----b…       b: a tool begins
 * store          S--s--a-|  b--|
 * the tool                     ^     not before its start is kept
 * ```
 *
 * - Events are kept one at a time, in their order. Each step, each execution, each call of a tool, each judgement and the
 *   end of the run wait until what was told before is kept; subscribers do not, so they may hear of an event that is lost.
 * - With a journal a run also tells `executed`, the state that an action led to, before it is scored.
 * - A store that fails, now or later, fails the run with `JournalError`: nothing is begun any more that nobody could tell of.
 * - A store that never answers holds the run up, its completion too: give it a limit of its own, such as `timeout`.
 * - What is under way in the store is not stopped with the run: the `task_end` of one that is left is kept, too.
 *
 * The value holds nothing, so one may serve many runs; a store keeps them apart by `runId`, or has them all in one log.
 *
 * ```ts
 * const kept: StreamEvent[] = [];
 * createOrchestrator({ actor, purposeFunction, environment, journal: journalTo({ append: (event) => void kept.push(event) }) });
 * ```
 */
export const journalTo = (store: JournalStore): Journal => ({ open: (onFailure) => new StoreJournal(store, onFailure) });
