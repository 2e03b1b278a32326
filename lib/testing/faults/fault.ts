/** Where a fault strikes. */
export interface FaultPlace {
  /** The request it strikes, from 1, in the order in which the answers are subscribed to. Left out: every request. */
  readonly request?: number | undefined;
  /**
   * The token of the answer, text or reasoning, right after which it strikes, from 1; 0, the default, is before
   * anything.
   */
  readonly at?: number | undefined;
}

/** Where a fault strikes that is one of a token itself. */
export interface TokenPlace extends FaultPlace {
  /** The token of the answer, text or reasoning, that it strikes, from 1. */
  readonly at: number;
}

/**
 * From here on the answer says nothing and stays open, its end and its error included. The source stays subscribed,
 * and with `at: 0` it is asked.
 */
export interface StallFault extends FaultPlace {
  readonly fault: 'stall';
  /** How long, in milliseconds from 0; everything that came meanwhile follows at once. Left out: for ever. */
  readonly duration?: number | undefined;
}

/** Here the answer fails, and the source is released; with `at: 0` it is not even asked. */
export interface ErrorFault extends FaultPlace {
  readonly fault: 'error';
  /** What it fails with. Defaults to a `NetworkError`, which is retryable. */
  readonly error?: unknown;
}

/** Here the answer ends as if in good order, without finish or usage. The source is released; with `at: 0` it is not even asked. */
export interface TruncateFault extends FaultPlace {
  readonly fault: 'truncate';
}

/** The token comes twice. */
export interface DuplicateFault extends TokenPlace {
  readonly fault: 'duplicate';
}

/** The token is replaced. */
export interface MalformedFault extends TokenPlace {
  readonly fault: 'malformed';
  /** What comes in its place. Defaults to a text with a character that JSON allows nowhere. */
  readonly text?: string | undefined;
}

/** The request is refused with a `RateLimitError` before the source is asked at all. */
export interface RateLimitFault extends Pick<FaultPlace, 'request'> {
  readonly fault: 'rateLimit';
  /** How long the server asks to wait, in milliseconds from 0. Defaults to `null`: it does not say. */
  readonly retryAfter?: number | null | undefined;
}

/** From here on each character of text and reasoning waits for its turn, and everything else behind it. */
export interface DripFault extends FaultPlace {
  readonly fault: 'drip';
  /** The time before each character, in milliseconds from 1. */
  readonly interval: number;
}

/**
 * Here the answer says `restart`, which voids what came before, and says that again at once, but for a usage, before it
 * goes on. The source is not asked again.
 */
export interface RestartFault extends FaultPlace {
  readonly fault: 'restart';
}

/** Something that goes wrong with an answer in the wild, as plain data. */
export type Fault = StallFault | ErrorFault | TruncateFault | DuplicateFault | MalformedFault | RateLimitFault | DripFault | RestartFault;
