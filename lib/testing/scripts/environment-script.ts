import { throwError, type SchedulerLike } from 'rxjs';
import type { JsonRecord } from '../../domain/json.js';
import type { Signal } from '../../domain/signal.js';
import type { State } from '../../domain/state.js';
import { ScriptError } from '../../errors/script-error.js';
import { playDrawn, playPieces, type MarbleSignals, type Play, type Reading } from './port-script.js';

/** A piece of what an environment says: what it reports on the way, or the new state. */
export type EnvironmentPiece<Data extends JsonRecord = JsonRecord> = State<Data> | Signal;

/**
 * One execution: the new state; a list of signals and states, as they are; an error; marbles, in which `s` is the state
 * that came in, unchanged, and any other letter needs a value.
 */
export type EnvironmentStep<Data extends JsonRecord = JsonRecord> =
  | State<Data>
  | readonly EnvironmentPiece<Data>[]
  | Error
  | MarbleSignals<EnvironmentPiece<Data>>;

/** What of an execution a script looks at. */
export interface StateBefore<Data extends JsonRecord = JsonRecord> {
  readonly state: State<Data>;
}

const readingOf = <Data extends JsonRecord>(
  marbles: string,
): Reading<EnvironmentPiece<Data>, StateBefore<Data>, EnvironmentPiece<Data>> => ({
  say: (piece) => piece,
  letter: (letter) => {
    if (letter === 's') return ({ state }) => state;
    throw new ScriptError(
      `The letter '${letter}' of the marbles '${marbles}' stands for nothing. Give it a state or a signal in values; of an environment, only 's' needs none: the state unchanged.`,
    );
  },
  failure: () => new Error('The script lets this execution fail.'),
});

/**
 * Plays marbles as executions, to each call from the beginning. They are read at once.
 *
 * @internal
 * @throws `ScriptError` at marbles that make no sense and at a letter that stands for nothing.
 */
export const playEnvironmentMarbles = <Data extends JsonRecord>(
  drawn: MarbleSignals<EnvironmentPiece<Data>>,
  scheduler?: SchedulerLike,
): Play<StateBefore<Data>, EnvironmentPiece<Data>> => playDrawn(drawn, readingOf<Data>(drawn.marbles), scheduler);

/**
 * Plays one step of an environment's script.
 *
 * @internal
 * @throws `ScriptError` as {@link playEnvironmentMarbles} does.
 */
export function playEnvironmentStep<Data extends JsonRecord>(
  step: EnvironmentStep<Data>,
  scheduler?: SchedulerLike,
): Play<StateBefore<Data>, EnvironmentPiece<Data>> {
  if (step instanceof Error) return () => throwError(() => step);
  if ('marbles' in step) return playEnvironmentMarbles(step, scheduler);
  return playPieces('data' in step ? [step] : step, { say: (piece: EnvironmentPiece<Data>) => piece });
}
