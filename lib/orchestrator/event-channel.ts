import { concat, concatMap, filter, Subject, take, type Observable } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import type { StreamEvent } from '../domain/stream-event.js';
import { EventLog } from './event-log.js';

/**
 * Where the events of one run go out: to its log, to its subscribers through the one private Subject, and to `onEvent`,
 * in this order. One event at a time: what a subscriber causes while it takes an event waits until everybody has it,
 * which a bare Subject would deliver first.
 */
export class EventChannel<Data extends JsonRecord> {
  /** The events from now on; after the end, the completion or the error alone. */
  readonly live$: Observable<StreamEvent<Data>>;
  readonly #subject = new Subject<StreamEvent<Data>>();
  readonly #log: EventLog<Data>;
  readonly #onEvent: (event: StreamEvent<Data>) => void;
  readonly #waiting: (() => void)[] = [];
  /** Made when somebody waits for it, as nobody does in most runs. */
  #idle$: Subject<void> | undefined;
  #isDelivering = false;

  constructor(retainEvents: number, onEvent: (event: StreamEvent<Data>) => void) {
    this.#log = new EventLog(retainEvents);
    this.#onEvent = onEvent;
    this.live$ = this.#subject.asObservable();
  }

  /** The events from a sequence number on: first those held, then the live ones, without gap or repeat. */
  from(seq: number): Observable<StreamEvent<Data>> {
    return concat(this.#log.read(seq), this.live$.pipe(filter((event) => event.seq >= seq)));
  }

  /**
   * What is made once everybody has what was handed out: at once, unless a subscriber is taking an event just now. So
   * nothing begins that a subscriber may still stop while it takes the event before it. Not cold: it looks at the moment
   * of the call.
   */
  whenIdle<T>(project: () => Observable<T>): Observable<T> {
    if (!this.#isDelivering) return project();
    this.#idle$ ??= new Subject();
    return this.#idle$.pipe(take(1), concatMap(project));
  }

  /**
   * Hands an event to everybody.
   *
   * @param keep - Done now, with the turn of the event taken: what is told within it comes after the event.
   */
  emit(event: StreamEvent<Data>, keep?: () => void): void {
    // The way of nearly every event, without a closure.
    if (this.#isDelivering) {
      this.#waiting.push(() => {
        this.#publish(event);
      });
      keep?.();
      return;
    }
    this.#isDelivering = true;
    keep?.();
    this.#publish(event);
    this.#drain();
  }

  /** Hands an event to `onEvent` alone: for what happens after the end. */
  tell(event: StreamEvent<Data>): void {
    this.inTurn(() => {
      this.#onEvent(event);
    });
  }

  /** Ends it for everybody. */
  complete(): void {
    this.inTurn(() => {
      this.#subject.complete();
    });
  }

  /** Ends it for everybody with an error; where nobody listens, nothing is thrown. */
  error(error: unknown): void {
    this.inTurn(() => {
      this.#subject.error(error);
    });
  }

  #publish(event: StreamEvent<Data>): void {
    this.#log.push(event);
    this.#subject.next(event);
    this.#onEvent(event);
  }

  /** Holds events of before, for those who ask for them by number. */
  hold(events: readonly StreamEvent<Data>[]): void {
    for (const event of events) this.#log.push(event);
  }

  /** Does something once everybody has what was handed out before. */
  inTurn(work: () => void): void {
    this.#waiting.push(work);
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    this.#drain();
  }

  #drain(): void {
    for (let work = this.#waiting.shift(); work !== undefined; work = this.#waiting.shift()) work();
    this.#isDelivering = false;
    // No deeper than the gates of one step: the loop over the steps is one, and goes on from where it stands.
    this.#idle$?.next();
  }
}
