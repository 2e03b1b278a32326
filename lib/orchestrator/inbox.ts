import { defer, startWith, Subject, type Observable, type ObservableInput, type Subscriber } from 'rxjs';
import { decode } from '../domain/decode.js';
import { isLeft } from '../domain/either.js';
import type { RunState } from '../domain/run-state.js';
import { draft, type PlainEventDraft } from '../domain/stream-event.js';
import { UserInput } from '../domain/user-input.js';
import { errorText } from '../errors/describe-error.js';
import { fromMany } from '../internal/from-input.js';
import { LinkedSubscriber } from '../internal/linked-subscriber.js';
import type { RunControl } from './run-control.js';

/** What the inbox of a run is made with. */
export interface InboxConfig {
  readonly input$: ObservableInput<unknown>;
  /** The fold of the run: which inputs wait is read from there, so that they still do where the run is resumed. */
  readonly run: Readonly<RunState>;
  readonly control: RunControl;
  /** Who goes through the run: an input is heard as long as they are there. */
  readonly subscriber: Subscriber<never>;
}

/** What users say to one run: told when it comes, and when it takes effect. */
export class Inbox {
  /** Emits when an interrupt waits to take effect: at once where one does. */
  readonly interrupt$: Observable<void>;
  readonly #config: InboxConfig;
  readonly #interrupt$ = new Subject<void>();
  /** What came before the run had told of its start, to be dealt with then; `undefined` from then on. */
  #early: (() => void)[] | undefined = [];
  #isClosed = false;

  constructor(config: InboxConfig) {
    this.#config = config;
    this.interrupt$ = defer(() => (this.#hasInterrupt ? this.#interrupt$.pipe(startWith(undefined)) : this.#interrupt$));
  }

  /** How many inputs wait to take effect. */
  get waiting(): number {
    return this.#config.run.inputs.size;
  }

  get #hasInterrupt(): boolean {
    for (const { mode } of this.#config.run.inputs.values()) if (mode === 'interrupt') return true;
    return false;
  }

  /** Listens. What comes is told from {@link open} on. */
  listen(): void {
    const heard = new LinkedSubscriber<unknown>(this.#config.subscriber, {
      next: (value) => {
        this.#inTurn(() => {
          this.#receive(value);
        });
      },
      error: (error) => {
        this.#inTurn(() => {
          this.#drop(`input$ failed, and no more of it is heard: ${errorText(error)}`);
        });
      },
      complete: () => undefined,
    });
    defer(() => fromMany(this.#config.input$)).subscribe(heard);
  }

  /** The run has told of its start: what came before that is told now. */
  open(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const work of early) work();
  }

  /** Tells something as long as the run goes on: somebody may stop it while they hear of what was told before. */
  tell(event: PlainEventDraft): void {
    if (!this.#isClosed) this.#config.control.tell(event);
  }

  /** Lets the inputs of some modes that wait take effect, and those that come while that is told. */
  apply(modes: readonly UserInput['mode'][]): readonly UserInput[] {
    const { run } = this.#config;
    const applied: UserInput[] = [];
    // The fold takes each from those that wait, which this loop bears.
    for (const [id, input] of run.inputs) {
      if (!modes.includes(input.mode)) continue;
      applied.push(input);
      this.tell(draft('input_applied', run.step, { id, ...input }));
    }
    return applied;
  }

  /**
   * Heeds no more, and tells what never took effect, each once. Somebody may stop the run while they hear of the first:
   * then it is closed within this, and the others are told before the end is.
   */
  close(): void {
    this.#isClosed = true;
    for (const [id, input] of this.#config.run.inputs)
      this.#config.control.tell(draft('input_dropped', 0, { id, ...input, reason: 'the run ended before it took effect' }));
  }

  #inTurn(work: () => void): void {
    if (this.#early === undefined) work();
    else this.#early.push(work);
  }

  #receive(value: unknown): void {
    const decoded = decode(UserInput, value);
    if (isLeft(decoded)) {
      this.#drop(`this is no input: ${decoded.left.join('; ')}`);
      return;
    }
    const { mode, message } = decoded.right;
    this.tell(draft('input_received', this.#config.run.step, { id: this.#nextId(), mode, message }));
    // By now it may have taken effect.
    if (mode === 'interrupt' && this.#hasInterrupt) this.#interrupt$.next();
  }

  /** Tells of what was no input. */
  #drop(reason: string): void {
    this.tell(draft('input_dropped', this.#config.run.step, { id: this.#nextId(), reason }));
  }

  #nextId(): string {
    return `i${this.#config.run.inputCount + 1}`;
  }
}
