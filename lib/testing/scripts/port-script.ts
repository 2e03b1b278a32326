import { concat, EMPTY, from, map, of, type Observable, type SchedulerLike } from 'rxjs';
import type { TimedTokens } from '../../backend/script-step.js';
import { token, type TokenSignal, type UsageSignal } from '../../domain/signal.js';
import { playInTime } from '../../internal/play-in-time.js';
import { playMarbles } from '../../internal/play-marbles.js';

/** Configuration of a scripted port. */
export interface ScriptedPortConfig {
  /** What the times of the steps run on. Defaults to the async scheduler, which is virtual in `TestScheduler.run`. */
  readonly scheduler?: SchedulerLike | undefined;
}

/** What a port says, drawn in marbles, one character a millisecond. It plays what is drawn and adds nothing. */
export interface MarbleSignals<Piece> {
  /** As in RxJS: `-`, spaces, letters, groups `(ab)`, times ` 10ms `, `|` for the end and `#` for an error. */
  readonly marbles: string;
  /** What the letters stand for. Each port has a meaning for letters that are not among them. */
  readonly values?: Readonly<Record<string, Piece>>;
  /** What `#` fails with. Each port has a default. */
  readonly error?: unknown;
}

/** What a port says to a call. Cold. */
export type Play<Call, Said> = (call: Call) => Observable<Said>;

/** How the script of a port is read. */
export interface Reading<Piece, Call, Said> {
  /** What a piece of the script is, said to a call. */
  readonly say: (piece: Piece, call: Call) => Said;
  /** What a letter without a value is, said to a call. Throws a `ScriptError` where it stands for nothing. */
  readonly letter: (letter: string) => (call: Call) => Said;
  /** What `#` fails with where the script does not say. */
  readonly failure: () => unknown;
}

/**
 * Plays pieces all at once.
 *
 * @internal
 */
export function playPieces<Piece, Call, Said>(
  pieces: readonly Piece[],
  { say }: Pick<Reading<Piece, Call, Said>, 'say'>,
): Play<Call, Said> {
  const kept = [...pieces];
  return (call) => from(kept).pipe(map((piece) => say(piece, call)));
}

/**
 * Plays marbles, to each call from the beginning. They are read at once.
 *
 * @internal
 * @throws `ScriptError` at marbles that make no sense and at a letter that stands for nothing.
 */
export function playDrawn<Piece, Call, Said>(
  { marbles, values = {}, error }: MarbleSignals<Piece>,
  { say, letter: sayLetter, failure }: Reading<Piece, Call, Said>,
  scheduler?: SchedulerLike,
): Play<Call, Said> {
  const valueOf = (letter: string): ((call: Call) => Said) => {
    const piece = values[letter];
    return piece === undefined ? sayLetter(letter) : (call) => say(piece, call);
  };
  const drawn$ = playMarbles(marbles, { valueOf, errorOf: () => error ?? failure(), scheduler });
  return (call) => drawn$.pipe(map((saying) => saying(call)));
}

/** A usage of 1 and 1, which the letter `u` stands for. */
export const oneUsage: UsageSignal = { type: 'usage', usage: { inputTokens: 1, outputTokens: 1 } };

/**
 * Plays tokens with a time between them, then their usage.
 *
 * @internal
 */
export const playTokens = (
  { tokens, interval = 0, usage }: Pick<TimedTokens, 'tokens' | 'interval' | 'usage'>,
  scheduler?: SchedulerLike,
): Observable<TokenSignal | UsageSignal> =>
  concat(
    playInTime(
      tokens.map((text) => token(text)),
      interval,
      scheduler,
    ),
    usage === undefined ? EMPTY : of<UsageSignal>({ type: 'usage', usage }),
  );
