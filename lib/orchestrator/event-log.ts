import { Observable } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import type { StreamEvent } from '../domain/stream-event.js';
import { EventsNotHeldError } from '../errors/events-not-held-error.js';

/** The newest events of a run, up to a number. A ring: nothing is ever moved. */
export class EventLog<Data extends JsonRecord> {
  readonly #capacity: number;
  readonly #events: StreamEvent<Data>[] = [];
  #end = 0;

  /** @param capacity - How many events are held, from 0. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The sequence number of the oldest event that is held; that of the next one where none is. */
  get oldest(): number {
    return Math.max(0, this.#end - this.#capacity);
  }

  /** Appends the next event. */
  push(event: StreamEvent<Data>): void {
    if (this.#capacity > 0) this.#events[this.#end % this.#capacity] = event;
    this.#end += 1;
  }

  /**
   * The events from a sequence number on, those included that are appended while they are read. Synchronous: it
   * completes where the log ends at the moment. Errors: `EventsNotHeldError` where one of them is no longer held.
   */
  read(seq: number): Observable<StreamEvent<Data>> {
    return new Observable((subscriber) => {
      for (let next = seq; next < this.#end && !subscriber.closed; next += 1) {
        const event = next < this.oldest ? undefined : this.#events[next % this.#capacity];
        if (event === undefined) subscriber.error(new EventsNotHeldError(next, this.oldest));
        else subscriber.next(event);
      }
      subscriber.complete();
    });
  }
}
