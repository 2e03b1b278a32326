import { defer, tap, type MonoTypeOperatorFunction } from 'rxjs';
import { ScriptError } from '../../errors/script-error.js';
import { readMarbles } from '../../internal/script-marbles.js';
import type { Mark } from './mark.js';

/** How a call came to its end. `left`: by whoever had subscribed it, before it had ended by itself. */
export type Outcome = 'open' | 'completed' | 'failed' | 'left';

/** From when until when a call was under way. */
export interface Lifetime {
  readonly from: number;
  /** Infinity while it is open. */
  readonly to: number;
  readonly outcome: Outcome;
}

const letters: Readonly<Record<Outcome, string>> = { open: '', completed: '|', failed: '#', left: '!' };

/** Configuration of {@link logLifetimes}. */
interface LogLifetimesConfig {
  readonly log: Lifetime[];
  readonly now: () => number;
  /** Called when a call has been left. */
  readonly onLeft: () => void;
}

/**
 * Passes a stream through and notes from when until when it is subscribed, and how that ends.
 *
 * @internal
 */
export const logLifetimes =
  <T>({ log, now, onLeft }: LogLifetimesConfig): MonoTypeOperatorFunction<T> =>
  (source) =>
    defer(() => {
      const from = now();
      const index = log.push({ from, to: Infinity, outcome: 'open' }) - 1;
      const end = (outcome: Outcome): void => {
        log[index] = { from, to: now(), outcome };
      };
      return source.pipe(
        tap({
          complete: () => {
            end('completed');
          },
          error: () => {
            end('failed');
          },
          unsubscribe: () => {
            end('left');
            onLeft();
          },
        }),
      );
    });

/**
 * A lifetime as it is drawn: `^---|`, `^---#`, `^---!`, or `^` while it is open.
 *
 * @internal
 */
export const marksOf = ({ from, to, outcome }: Lifetime): readonly Mark[] => [
  { frame: from, letter: '^' },
  ...(outcome === 'open' ? [] : [{ frame: to, letter: letters[outcome] }]),
];

/**
 * Reads the drawing of a lifetime.
 *
 * @internal
 * @throws `ScriptError` where it is something else that is drawn.
 */
export function parseLifetime(marbles: string): readonly Mark[] {
  const marks = readMarbles(marbles).map(({ at, character }): Mark => ({ frame: at, letter: character }));
  if (!/^\^?[|#!]?$/.test(marks.map(({ letter }) => letter).join('')))
    throw new ScriptError(`'${marbles}' is no lifetime: it has a '^' where it begins and a '|', a '#' or a '!' where it ends.`);
  return marks;
}
