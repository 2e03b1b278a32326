import { concat, EMPTY, from, map, NEVER, of, switchMap, take, throwError, timer, type Observable, type SchedulerLike } from 'rxjs';
import type { Usage } from '../domain/usage.js';
import { BackendError } from '../errors/backend-error.js';
import type { LLMChunk } from './backend.js';
import { parseScriptMarbles, type MarbleMoment } from './script-marbles.js';

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

const playTokens = ({ tokens, interval = 0, usage, error }: TimedTokens, scheduler: SchedulerLike | undefined): Observable<LLMChunk> => {
  const chunks = tokens.map(toChunk);
  // One timer for all tokens: a timer a token would drift.
  const inTime = interval > 0 ? timer(interval, interval, scheduler).pipe(take(chunks.length)) : undefined;
  return concat(
    inTime === undefined ? from(chunks) : inTime.pipe(map((index) => chunks[index] ?? STOP)),
    usage === undefined ? EMPTY : of<LLMChunk>({ type: 'usage', usage }),
    error === undefined ? of(STOP) : throwError(() => error),
  );
};

const playMoment = ({ event }: MarbleMoment, { values = {}, error }: MarbleAnswer): Observable<LLMChunk> => {
  if (event === 'complete') return EMPTY;
  if (event === 'error') return throwError(() => error ?? new BackendError('The script lets this answer fail.'));
  return of(toChunk(values[event.letter] ?? event.letter));
};

const isEnd = ({ event }: MarbleMoment): boolean => event === 'complete' || event === 'error';

const playMarbles = (answer: MarbleAnswer, scheduler: SchedulerLike | undefined): Observable<LLMChunk> => {
  const moments = parseScriptMarbles(answer.marbles);
  const end = moments.findIndex(isEnd);
  const played = end < 0 ? moments : moments.slice(0, end + 1);
  const parts = played.map((moment, index) => {
    const wait = moment.at - (played[index - 1]?.at ?? 0);
    const part$ = playMoment(moment, answer);
    return wait > 0 ? timer(wait, scheduler).pipe(switchMap(() => part$)) : part$;
  });
  return concat(...parts, end < 0 ? NEVER : EMPTY);
};

/**
 * Makes an Observable of a step, ready to be subscribed.
 *
 * @internal
 * @throws `ScriptError` at marbles that make no sense.
 */
export function playStep(step: ScriptStep, scheduler?: SchedulerLike): Observable<LLMChunk> {
  if (typeof step === 'string') return playList([step]);
  if (step instanceof Error) return throwError(() => step);
  if ('marbles' in step) return playMarbles(step, scheduler);
  return 'tokens' in step ? playTokens(step, scheduler) : playList(step);
}
