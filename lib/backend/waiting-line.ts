import { Observable } from 'rxjs';

/** One who waits, hand in hand with its neighbours. */
interface Waiting<Place> {
  readonly tryEnter: () => Place | undefined;
  readonly enter: (place: Place) => void;
  before: Waiting<Place> | undefined;
  behind: Waiting<Place> | undefined;
}

/**
 * Those who wait to be let in, first come first served: while the first one cannot go, nobody behind it does.
 *
 * ```text
 * enter(a)    a|
 * enter(b)     ---b|     when there is room again and `advance` is called
 * enter(c)      --c|
 * ```
 *
 * A loop and not recursion, so that a hundred thousand quick ones behind a slow one do not overflow the stack; and a chain
 * and not a `Set`, which looks for its first one again among all that have left: 5 s for a hundred thousand.
 *
 * @internal
 */
export class WaitingLine<Place> {
  readonly #onEmpty: (() => void) | undefined;
  #first: Waiting<Place> | undefined;
  #last: Waiting<Place> | undefined;
  #length = 0;
  #isAdvancing = false;

  /** @param onEmpty - Called when the last one has left without having been let in. */
  constructor(onEmpty?: () => void) {
    this.#onEmpty = onEmpty;
  }

  /** How many wait. */
  get length(): number {
    return this.#length;
  }

  /** Emits a place when it is this one's turn and `tryEnter` gives one. Unsubscribing gives up the turn. */
  enter(tryEnter: () => Place | undefined): Observable<Place> {
    return new Observable((subscriber) => {
      let isWaiting = true;
      const waiting: Waiting<Place> = {
        tryEnter,
        enter: (place) => {
          isWaiting = false;
          subscriber.next(place);
          subscriber.complete();
        },
        before: this.#last,
        behind: undefined,
      };
      this.#append(waiting);
      subscriber.add(() => {
        if (isWaiting) this.#leave(waiting);
      });
      this.advance();
    });
  }

  /** Lets in whoever can go. To be called when there may be room. */
  advance(): void {
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    try {
      // Who comes while the loop runs is seen by it.
      for (let next = this.#first; next !== undefined; next = this.#first) {
        const place = next.tryEnter();
        if (place === undefined) break;
        this.#remove(next);
        next.enter(place);
      }
    } finally {
      // The line is shared: one that breaks must not hold up all others.
      this.#isAdvancing = false;
    }
  }

  #leave(waiting: Waiting<Place>): void {
    const wasFirst = this.#first === waiting;
    this.#remove(waiting);
    if (this.#length === 0) this.#onEmpty?.();
    else if (wasFirst) this.advance();
  }

  #append(waiting: Waiting<Place>): void {
    if (this.#last === undefined) this.#first = waiting;
    else this.#last.behind = waiting;
    this.#last = waiting;
    this.#length += 1;
  }

  #remove({ before, behind }: Waiting<Place>): void {
    if (before === undefined) this.#first = behind;
    else before.behind = behind;
    if (behind === undefined) this.#last = before;
    else behind.before = before;
    this.#length -= 1;
  }
}
