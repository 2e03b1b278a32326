import { BufferOverflowError } from '../errors/buffer-overflow-error.js';
import type { BufferSettings } from './buffer-config.js';
import { continues, isTokenEvent, joinedToken } from '../domain/joined-token.js';

/** How many places of values that were taken are kept before the list is cut. */
const MOST_TAKEN = 1024;

/**
 * Values that wait to be taken, oldest first.
 *
 * @internal
 */
export class ValueBuffer<T> {
  readonly #settings: BufferSettings;
  #values: T[] = [];
  /** How many of them were taken: a list that is shifted each time would be moved each time. */
  #taken = 0;
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
    return this.#values.length - this.#taken;
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
    const value = this.#values[this.#taken] as T;
    this.#taken += 1;
    if (isTokenEvent(value)) this.#tokens -= 1;
    if (this.#taken === this.#values.length || this.#taken === MOST_TAKEN) this.#cut();
    return value;
  }

  clear(): void {
    this.#values = [];
    this.#taken = 0;
    this.#tokens = 0;
  }

  #push(value: T): void {
    this.#values.push(value);
    if (isTokenEvent(value)) this.#tokens += 1;
  }

  #cut(): void {
    this.#values.splice(0, this.#taken);
    this.#taken = 0;
  }

  /** Joins what waits, once, and from then on each token with the one before it. */
  #join(value: T): void {
    if (this.#isLoose) {
      const loose = this.#values.slice(this.#taken);
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
    // Beyond the bound no token waits, so what is looked through is never longer than that.
    if (hasToken) this.#dropOldestToken();
    const isDropped = !hasToken && isTokenEvent(value);
    if (!isDropped) this.#push(value);
    if (!hasToken && !isDropped) return;
    this.#dropped += 1;
    this.#settings.onDrop?.(this.#dropped);
  }

  #dropOldestToken(): void {
    this.#cut();
    this.#values.splice(this.#values.findIndex(isTokenEvent), 1);
    this.#tokens -= 1;
  }
}
