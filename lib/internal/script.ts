import { attempt } from '../errors/redact.js';
import { ScriptError } from '../errors/script-error.js';
import { snapshot } from './snapshot.js';
import { createPairKeeper } from './well-formed.js';

/** Configuration of {@link createScript}. */
export interface ScriptConfig<Step, Play> {
  /** One a call, in their order. */
  readonly steps: readonly Step[];
  /** What a step is played by. All steps are read at once, so that those that make no sense are known before the first call. */
  readonly play: (step: Step) => Play;
  /** Whose script it is, in a message: `backend`. */
  readonly whose: string;
  /** What a call of it is, in a message: `request`. */
  readonly call: string;
  /** Copies a call as it is now. Defaults to {@link snapshot}. */
  readonly copy?: (<Call>(call: Call) => Call) | undefined;
}

/** Steps that are taken one a call, and the calls that took them. */
export interface Script<Call, Play> {
  /** Frozen copies of the calls as they came in, oldest first. The list grows. */
  readonly calls: readonly Call[];
  /**
   * Notes a call and gives what its step is played by.
   *
   * @throws `ScriptError` where there is none left.
   */
  readonly take: (call: Call) => Play;
  /**
   * Holds what happened against the script.
   *
   * @throws `ScriptError` where steps were not used, or calls came that it has no step for.
   */
  readonly verify: () => void;
}

const count = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? '' : 's'}`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The longest excerpt of a step in a message, in UTF-16 code units. */
const EXCERPT = 60;

/** How many of the unused steps a message shows. */
const SHOWN = 5;

/** A step as a person wrote it, near enough to be found. */
const excerpt = (step: unknown): string => {
  // What was written as an error says more by itself; what has no JSON is called by its type.
  const text = step instanceof Error ? String(step) : (attempt(() => JSON.stringify(step)) ?? typeof step);
  return text.length > EXCERPT ? `${createPairKeeper().take(text.slice(0, EXCERPT))}…` : text;
};

/**
 * Makes a script that is followed one step a call.
 *
 * @internal
 * @throws `ScriptError` where a step makes no sense to `play`.
 */
export function createScript<Step, Call, Play>({
  steps,
  play,
  whose,
  call,
  copy = snapshot,
}: ScriptConfig<Step, Play>): Script<Call, Play> {
  const written = steps.map((step) => ({ step, play: play(step) }));
  const calls: Call[] = [];
  const total = count(written.length, 'step');

  const unexpected = (which: string): ScriptError => new ScriptError(`${capital(which)} not expected: the ${whose}'s script has ${total}.`);

  return {
    calls,
    take: (taken) => {
      calls.push(copy(taken));
      const next = written[calls.length - 1];
      if (next === undefined) throw unexpected(`${call} ${calls.length} was`);
      return next.play;
    },
    verify: () => {
      const [first, last] = [written.length + 1, calls.length];
      if (last >= first) throw unexpected(first === last ? `${call} ${first} was` : `${call}s ${first} to ${last} were`);
      const unused = written.slice(last).map(({ step }, index) => `step ${last + index + 1}, ${excerpt(step)}`);
      if (unused.length === 0) return;
      const shown = unused.slice(0, SHOWN).join('; ');
      const rest = unused.length > SHOWN ? `; and ${unused.length - SHOWN} more` : '';
      const were = unused.length === 1 ? 'was' : 'were';
      throw new ScriptError(`${unused.length} of the ${total} of the ${whose}'s script ${were} not used: ${shown}${rest}.`);
    },
  };
}
