import { BufferOverflowError } from '../errors/buffer-overflow-error.js';
import type { BufferSettings } from './buffer-config.js';
import { continues, isTokenEvent, joinedToken } from '../domain/joined-token.js';

/** How many places of values that were taken, or dropped, are kept before the list is cut. */
const MOST_TAKEN = 1024;

/** What stands in the place of a value that was dropped: to move those after it each time would be quadratic. */
const GONE: unique symbol = Symbol('gone');

/**
 * Values that wait to be taken, oldest first.
 *
 * @internal
 */
export class ValueBuffer<T> {
  readonly #settings: BufferSettings;
  #values: (T | typeof GONE)[] = [];
  /** How many of them were taken: a list that is shifted each time would be moved each time. */
  #taken = 0;
  /** How many places after those are of values that were dropped. The last place never is. */
  #gone = 0;
  /** No token waits before this place. */
  #tokensFrom = 0;
  /** How many of those that wait are tokens. */
  #tokens = 0;
  #dropped = 0;
  /** Whether there may be neighbours that can be joined. */
  #isLoose = false;

  constructor(settings: BufferSettings) {
    this.#settings = settings;
  }

  /** How many wait. */
  get size(): number {
    return this.#values.length - this.#taken - this.#gone;
  }

  /** @throws `BufferOverflowError` where it is full and has to stay as it is. */
  add(value: T): void {
    const { buffer, whenFull } = this.#settings;
    if (this.size < buffer) {
      this.#isLoose = true;
      this.#push(value);
    } else if (whenFull === 'coalesce') this.#join(value);
    else if (whenFull === 'drop-oldest') this.#drop(value);
    else throw new BufferOverflowError(buffer);
  }

  /** The oldest value. To be asked only where there is one. */
  take(): T {
    while (this.#values[this.#taken] === GONE) {
      this.#taken += 1;
      this.#gone -= 1;
    }
    const value = this.#values[this.#taken] as T;
    this.#taken += 1;
    if (isTokenEvent(value)) this.#tokens -= 1;
    if (this.#taken === this.#values.length || this.#taken >= MOST_TAKEN) this.#cut();
    return value;
  }

  clear(): void {
    this.#values = [];
    this.#taken = 0;
    this.#gone = 0;
    this.#tokensFrom = 0;
    this.#tokens = 0;
  }

  #push(value: T): void {
    this.#values.push(value);
    if (isTokenEvent(value)) this.#tokens += 1;
  }

  #cut(): void {
    this.#values.splice(0, this.#taken);
    this.#tokensFrom = Math.max(0, this.#tokensFrom - this.#taken);
    this.#taken = 0;
  }

  /** Joins what waits, once, and from then on each token with the one before it. */
  #join(value: T): void {
    if (this.#isLoose) {
      const loose = this.#waiting();
      this.clear();
      for (const waiting of loose) this.#append(waiting);
      this.#isLoose = false;
    }
    this.#append(value);
  }

  #append(value: T): void {
    const last = this.#values.at(-1);
    // Only events are given this policy, and a token of theirs is one of them.
    if (isTokenEvent(value) && isTokenEvent(last) && continues(last, value))
      this.#values[this.#values.length - 1] = joinedToken(last, value) as T;
    else this.#push(value);
  }

  #drop(value: T): void {
    const hasToken = this.#tokens > 0;
    if (hasToken) this.#dropOldestToken();
    const isDropped = !hasToken && isTokenEvent(value);
    if (!isDropped) this.#push(value);
    if (!hasToken && !isDropped) return;
    this.#dropped += 1;
    this.#settings.onDrop?.(this.#dropped);
  }

  #dropOldestToken(): void {
    let at = Math.max(this.#tokensFrom, this.#taken);
    while (!isTokenEvent(this.#values[at])) at += 1;
    this.#values[at] = GONE;
    this.#tokensFrom = at + 1;
    this.#gone += 1;
    this.#tokens -= 1;
    if (this.#gone > MOST_TAKEN && this.#gone > this.size) this.#close();
  }

  /** Closes the gaps: as long as they are fewer than what waits, that is a step a drop. */
  #close(): void {
    this.#values = this.#waiting();
    this.#taken = 0;
    this.#gone = 0;
    this.#tokensFrom = 0;
  }

  #waiting(): T[] {
    return this.#values.slice(this.#taken).filter((value): value is T => value !== GONE);
  }
}
