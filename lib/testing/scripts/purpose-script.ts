import { concat, of, throwError, type SchedulerLike } from 'rxjs';
import type { TimedTokens } from '../../backend/script-step.js';
import type { PurposeScoreInit } from '../../domain/purpose-score.js';
import { scored, token, type ScoreSignal } from '../../domain/signal.js';
import { BackendError } from '../../errors/backend-error.js';
import type { EvaluateContext, PurposeSignal } from '../../purpose/purpose-function.js';
import { oneUsage, playDrawn, playPieces, playTokens, type MarbleSignals, type Play, type Reading } from './port-script.js';

/** A score in a script: its `phiAfter`, or what it is made from. */
export type ScriptedScore =
  | number
  | (Omit<PurposeScoreInit, 'phiBefore'> & {
      /** Defaults to the `phiAfter` of the score before it, 0 for the first. */
      readonly phiBefore?: number | undefined;
    });

/** A piece of what a purpose function says: a text is a token of its evidence, a number a score, signals are as they are. */
export type PurposePiece = string | number | PurposeSignal;

/** Tokens with a time between them, then the score, or an error in its place. */
export type TimedScore = Pick<TimedTokens, 'tokens' | 'interval' | 'usage'> &
  (
    | { readonly score: ScriptedScore; readonly error?: undefined }
    | { readonly score?: undefined; /** What it fails with in place of a score. */ readonly error: unknown }
  );

/**
 * One evaluation: a `phiAfter`; a score; a signal, or a list of signals, scores and evidence tokens, as they are; an
 * error; tokens in time; marbles, in which a digit is a score with that `phiAfter`, `u` a usage of 1 and 1, and any other
 * letter without a value a token of itself. A Φ of 10 needs a value: `{ marbles: '-t|', values: { t: 10 } }`.
 */
export type PurposeStep = ScriptedScore | PurposeSignal | readonly PurposePiece[] | Error | TimedScore | MarbleSignals<PurposePiece>;

/** What of an evaluation a script looks at. */
export type ScoresSoFar = Pick<EvaluateContext, 'scores'>;

const toScored = (score: ScriptedScore, { scores }: ScoresSoFar): ScoreSignal => {
  const init = typeof score === 'number' ? { phiAfter: score } : score;
  return scored({ ...init, phiBefore: init.phiBefore ?? scores.at(-1)?.phiAfter ?? 0 });
};

const say = (piece: PurposePiece, call: ScoresSoFar): PurposeSignal => {
  if (typeof piece === 'number') return toScored(piece, call);
  return typeof piece === 'string' ? token(piece) : piece;
};

const reading: Reading<PurposePiece, ScoresSoFar, PurposeSignal> = {
  say,
  letter: (letter) => {
    if (/^\d$/.test(letter)) return (call) => toScored(Number(letter), call);
    const signal = letter === 'u' ? oneUsage : token(letter);
    return () => signal;
  },
  failure: () => new BackendError('The script lets this evaluation fail.'),
};

const playScore =
  (score: ScriptedScore): Play<ScoresSoFar, ScoreSignal> =>
  (call) =>
    of(toScored(score, call));

const playInTime = (step: TimedScore, scheduler: SchedulerLike | undefined): Play<ScoresSoFar, PurposeSignal> => {
  const end = step.score === undefined ? () => throwError(() => step.error) : playScore(step.score);
  return (call) => concat(playTokens(step, scheduler), end(call));
};

/**
 * Plays marbles as evaluations, to each call from the beginning. They are read at once.
 *
 * @internal
 * @throws `ScriptError` at marbles that make no sense.
 */
export const playPurposeMarbles = (drawn: MarbleSignals<PurposePiece>, scheduler?: SchedulerLike): Play<ScoresSoFar, PurposeSignal> =>
  playDrawn(drawn, reading, scheduler);

/**
 * Plays one step of a purpose function's script.
 *
 * @internal
 * @throws `ScriptError` at marbles that make no sense.
 */
export function playPurposeStep(step: PurposeStep, scheduler?: SchedulerLike): Play<ScoresSoFar, PurposeSignal> {
  if (typeof step === 'number') return playScore(step);
  if (step instanceof Error) return () => throwError(() => step);
  if ('marbles' in step) return playPurposeMarbles(step, scheduler);
  if ('tokens' in step) return playInTime(step, scheduler);
  if ('type' in step) return playPieces([step], reading);
  return 'phiAfter' in step ? playScore(step) : playPieces(step, reading);
}
