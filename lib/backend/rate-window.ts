/** What a limit a minute counts in, in milliseconds. */
export const MINUTE = 60_000;

/** How much there may be in a minute. */
export interface RateLimits {
  readonly requests: number;
  readonly tokens: number;
}

/** A request that was let go. */
export interface RateEntry {
  /** When, in milliseconds. */
  readonly at: number;
  tokens: number;
}

/**
 * The requests of the last minute, oldest first: a sliding window, so that no 60 seconds hold more than the limits, which
 * a bucket that was full would let through twice.
 *
 * @internal
 */
export class RateWindow {
  readonly #limits: RateLimits;
  readonly #entries: RateEntry[] = [];
  /** Of all entries. */
  #tokens = 0;

  constructor(limits: RateLimits) {
    this.#limits = limits;
  }

  /** When a request of so many tokens fits in: `now`, or later. One beyond the limit fits in where nothing else is. */
  roomAt(tokens: number, now: number): number {
    this.#forget(now);
    // In place of `requests`, where so many still count, the oldest ones have to be over.
    const crowd = this.#entries[this.#entries.length - this.#limits.requests];
    let at = crowd === undefined ? now : crowd.at + MINUTE;
    let left = this.#tokens;
    for (const entry of this.#entries) {
      if (left + tokens <= this.#limits.tokens) break;
      left -= entry.tokens;
      at = Math.max(at, entry.at + MINUTE);
    }
    return at;
  }

  /** Counts a request. */
  add(tokens: number, now: number): RateEntry {
    const entry: RateEntry = { at: now, tokens };
    this.#entries.push(entry);
    this.#tokens += tokens;
    return entry;
  }

  /** What a request cost in truth. */
  correct(entry: RateEntry, tokens: number): void {
    if (this.#entries.includes(entry)) this.#tokens += tokens - entry.tokens;
    entry.tokens = tokens;
  }

  #forget(now: number): void {
    const current = this.#entries.findIndex(({ at }) => at + MINUTE > now);
    for (const { tokens } of this.#entries.splice(0, current < 0 ? this.#entries.length : current)) this.#tokens -= tokens;
  }
}
