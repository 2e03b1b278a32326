import { concat, EMPTY, from, of, throwError, type Observable, type SchedulerLike } from 'rxjs';
import type { Usage } from '../domain/usage.js';
import { BackendError } from '../errors/backend-error.js';
import { playInTime } from '../internal/play-in-time.js';
import { playMarbles } from '../internal/play-marbles.js';
import type { LLMChunk } from './backend.js';

/** Tokens with a time between them. */
export interface TimedTokens {
  readonly tokens: readonly string[];
  /** The time before each token, in milliseconds. Defaults to 0: all at once. */
  readonly interval?: number;
  /** Reported after the last token. */
  readonly usage?: Usage;
  /** What the answer fails with after the last token, in place of its finish. */
  readonly error?: unknown;
}

/** An answer drawn in marbles, one character a millisecond. It plays what is drawn and adds nothing. */
export interface MarbleAnswer {
  /** As in RxJS: `-`, spaces, letters, groups `(ab)`, times ` 10ms `, `|` for the end and `#` for an error. */
  readonly marbles: string;
  /** What the letters stand for: a text or a chunk. A letter that is not among them is itself the text. */
  readonly values?: Readonly<Record<string, string | LLMChunk>>;
  /** What `#` fails with. Defaults to a `BackendError`. */
  readonly error?: unknown;
}

/**
 * The answer to one request: one text; tokens; chunks as they are, nothing added (a text among them is a text chunk);
 * an error; tokens in time; marbles. Texts and tokens end with the finish `stop`.
 */
export type ScriptStep = string | readonly string[] | readonly (string | LLMChunk)[] | Error | TimedTokens | MarbleAnswer;

const toChunk = (piece: string | LLMChunk): LLMChunk => (typeof piece === 'string' ? { type: 'text', text: piece } : piece);

const STOP: LLMChunk = { type: 'finish', reason: 'stop' };

const playList = (pieces: readonly (string | LLMChunk)[]): Observable<LLMChunk> => {
  const isPlain = pieces.every((piece) => typeof piece === 'string');
  return concat(from(pieces.map(toChunk)), isPlain ? of(STOP) : EMPTY);
};

const playTokens = ({ tokens, interval = 0, usage, error }: TimedTokens, scheduler: SchedulerLike | undefined): Observable<LLMChunk> =>
  concat(
    playInTime(tokens.map(toChunk), interval, scheduler),
    usage === undefined ? EMPTY : of<LLMChunk>({ type: 'usage', usage }),
    error === undefined ? of(STOP) : throwError(() => error),
  );

const playAnswer = ({ marbles, values = {}, error }: MarbleAnswer, scheduler: SchedulerLike | undefined): Observable<LLMChunk> =>
  playMarbles(marbles, {
    valueOf: (letter) => toChunk(values[letter] ?? letter),
    errorOf: () => error ?? new BackendError('The script lets this answer fail.'),
    scheduler,
  });

/**
 * Makes an Observable of a step, ready to be subscribed.
 *
 * @internal
 * @throws `ScriptError` at marbles that make no sense.
 */
export function playStep(step: ScriptStep, scheduler?: SchedulerLike): Observable<LLMChunk> {
  if (typeof step === 'string') return playList([step]);
  if (step instanceof Error) return throwError(() => step);
  if ('marbles' in step) return playAnswer(step, scheduler);
  return 'tokens' in step ? playTokens(step, scheduler) : playList(step);
}
