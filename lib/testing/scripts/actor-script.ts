import { concat, of, throwError, type Observable, type SchedulerLike } from 'rxjs';
import type { ActorSignal } from '../../actor/actor.js';
import type { TimedTokens } from '../../backend/script-step.js';
import { DONE } from '../../domain/action.js';
import { decided, token, type ActionInit, type ActionSignal } from '../../domain/signal.js';
import { BackendError } from '../../errors/backend-error.js';
import { ScriptError } from '../../errors/script-error.js';
import { oneUsage, playDrawn, playPieces, playTokens, type MarbleSignals, type Play, type Reading } from './port-script.js';

/** A piece of what an actor says: a text is a token of its thought, what has a name an action, signals are as they are. */
export type ActorPiece = string | ActorSignal | ActionInit;

/** Tokens with a time between them, then the action, or an error in its place. */
export type TimedDecision = Pick<TimedTokens, 'tokens' | 'interval' | 'usage'> &
  (
    | { readonly action: string | ActionInit; readonly error?: undefined }
    | { readonly action?: undefined; /** What it fails with in place of an action. */ readonly error: unknown }
  );

/**
 * One decision: the name of an action; an action; a signal, or a list of signals and thought tokens, as they are; an
 * error; tokens in time; marbles, in which `a` is the action `act`, `d` is `DONE`, `u` a usage of 1 and 1, and any other
 * letter without a value a token of itself.
 */
export type ActorStep = string | ActionInit | ActorSignal | readonly ActorPiece[] | Error | TimedDecision | MarbleSignals<ActorPiece>;

const toDecision = (action: string | ActionInit): ActionSignal => decided(typeof action === 'string' ? { name: action } : action);

const say = (piece: ActorPiece): ActorSignal => {
  if (typeof piece === 'string') return token(piece);
  return 'type' in piece ? piece : decided(piece);
};

const letters: Readonly<Record<string, ActorSignal>> = { a: toDecision('act'), d: toDecision(DONE), u: oneUsage };

const reading: Reading<ActorPiece, unknown, ActorSignal> = {
  say,
  letter: (letter) => {
    if (/^\d$/.test(letter))
      throw new ScriptError(
        `The digit ${letter} stands for nothing an actor says. A time is written between spaces, as one word: ' 10ms '.`,
      );
    const signal = letters[letter] ?? token(letter);
    return () => signal;
  },
  failure: () => new BackendError('The script lets this decision fail.'),
};

const playInTime = (step: TimedDecision, scheduler: SchedulerLike | undefined): Observable<ActorSignal> =>
  concat(playTokens(step, scheduler), step.action === undefined ? throwError(() => step.error) : of(toDecision(step.action)));

/**
 * Plays marbles as decisions, to each call from the beginning. They are read at once.
 *
 * @internal
 * @throws `ScriptError` at marbles that make no sense.
 */
export const playActorMarbles = (drawn: MarbleSignals<ActorPiece>, scheduler?: SchedulerLike): Play<unknown, ActorSignal> =>
  playDrawn(drawn, reading, scheduler);

/**
 * Plays one step of an actor's script.
 *
 * @internal
 * @throws `ScriptError` at marbles that make no sense.
 */
export function playActorStep(step: ActorStep, scheduler?: SchedulerLike): Play<unknown, ActorSignal> {
  if (typeof step === 'string') return playPieces([toDecision(step)], reading);
  if (step instanceof Error) return () => throwError(() => step);
  if ('marbles' in step) return playActorMarbles(step, scheduler);
  if ('tokens' in step) return () => playInTime(step, scheduler);
  if ('type' in step) return playPieces([step], reading);
  return 'name' in step ? playPieces([toDecision(step)], reading) : playPieces(step, reading);
}
