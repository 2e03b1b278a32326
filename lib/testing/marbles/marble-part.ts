import { defer } from 'rxjs';
import { createScript } from '../../internal/script.js';
import { createContextCopier } from '../scripts/copy-context.js';
import type { Play } from '../scripts/port-script.js';
import type { Session } from './session.js';

/** What plays the calls of a part, and the calls so far: frozen copies, oldest first. */
export interface Player<Call, T> {
  readonly calls: readonly Call[];
  readonly play: Play<Call, T>;
}

/** Configuration of {@link playCalls}. */
export interface PlayCallsConfig<Call, T> {
  /** One diagram for each call, all of which have to be used; or one for all of them. */
  readonly marbles: string | readonly string[];
  /** Reads a diagram. */
  readonly read: (marbles: string) => Play<Call, T>;
  /** Whose script it is: `actor`. */
  readonly whose: string;
  /** What a call of it is: `decision`. */
  readonly call: string;
}

/**
 * Plays diagrams, one a call: a list is a script that the test has to follow to its end, a single one is played for
 * every call.
 *
 * @internal
 * @throws `ScriptError` at marbles that make no sense.
 */
export function playCalls<Call, T>(session: Session, { marbles, read, whose, call }: PlayCallsConfig<Call, T>): Player<Call, T> {
  if (typeof marbles === 'string') {
    const play = read(marbles);
    const copy = createContextCopier();
    const calls: Call[] = [];
    return {
      calls,
      play: (asked) =>
        defer(() => {
          calls.push(copy(asked));
          return play(asked);
        }),
    };
  }
  const script = createScript<string, Call, Play<Call, T>>({ steps: marbles, play: read, whose, call, copy: createContextCopier() });
  session.verifyAtEnd(script.verify);
  return { calls: script.calls, play: (asked) => defer(() => script.take(asked)(asked)) };
}
