import { ScriptError } from '../errors/script-error.js';

/** What happens at one moment of a marble diagram. */
export interface MarbleMoment {
  /** In milliseconds from the subscription. */
  readonly at: number;
  /** A letter that stands for a value, or how the diagram ends. */
  readonly event: { readonly letter: string } | 'complete' | 'error';
}

/** One character of a diagram that takes place, and when. */
export interface MarbleCharacter {
  readonly at: number;
  readonly character: string;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** A time that passes, such as `250ms`, or one that is reached, such as `@250ms`, set off by spaces as in RxJS. */
const PASSAGE = /^(@?)(\d+(?:\.\d+)?)(ms|s|m)(?= |$)/;

const eventOf = (character: string): MarbleMoment['event'] => {
  if (character === '|') return 'complete';
  return character === '#' ? 'error' : { letter: character };
};

const isTime = (character: string | undefined): boolean =>
  character !== undefined && (character === '@' || (character >= '0' && character <= '9'));

/** A time at a place of a diagram, and how many characters it is long. */
interface Passage {
  readonly length: number;
  readonly time: number;
  readonly isReached: boolean;
}

const passageAt = (characters: readonly string[], at: number): Passage | undefined => {
  if (!isTime(characters[at]) || (at > 0 && characters[at - 1] !== ' ')) return undefined;
  const [text, reached, amount, unit] = PASSAGE.exec(characters.slice(at).join('')) ?? [];
  if (text === undefined || unit === undefined) return undefined;
  return { length: text.length, time: Number(amount) * (UNITS[unit] ?? 1), isReached: reached === '@' };
};

/**
 * Reads the characters of a marble diagram as RxJS does in `TestScheduler.run`: a character is a millisecond, `(ab)`
 * happens at once and takes the time of its characters, spaces are nothing, ` 10ms ` passes. Beyond RxJS, ` @10ms ` goes
 * on at that time, so that what comes soon after a long group can be drawn.
 *
 * @internal
 * @throws `ScriptError` at a group that is not closed, and at a time before what is drawn already.
 */
export function readMarbles(diagram: string): readonly MarbleCharacter[] {
  const read: MarbleCharacter[] = [];
  let time = 0;
  let groupStart: number | undefined;
  const characters = Array.from(diagram);
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] ?? '';
    if (character === ' ') continue;
    const passage = passageAt(characters, index);
    if (passage !== undefined) {
      time = passage.isReached ? passage.time : time + passage.time;
      if (time < (read.at(-1)?.at ?? 0))
        throw new ScriptError(`The marbles '${diagram}' go back to ${time} ms, from ${read.at(-1)?.at} ms.`);
      index += passage.length - 1;
      continue;
    }
    if (character === '(' && groupStart === undefined) groupStart = time;
    else if (character === ')' && groupStart !== undefined) groupStart = undefined;
    else if (character === '(' || character === ')') throw new ScriptError(`The groups of the marbles '${diagram}' do not match.`);
    else if (character !== '-') read.push({ at: groupStart ?? time, character });
    time += 1;
  }
  if (groupStart !== undefined) throw new ScriptError(`A group of the marbles '${diagram}' is not closed.`);
  return read;
}

/**
 * Reads a marble diagram of values and an end, by {@link readMarbles}.
 *
 * @internal
 * @throws `ScriptError` as that does, and at `^` and `!`, which mean nothing here.
 */
export const parseScriptMarbles = (diagram: string): readonly MarbleMoment[] =>
  readMarbles(diagram).map(({ at, character }) => {
    if (character === '^' || character === '!')
      throw new ScriptError(`The marbles '${diagram}' hold '${character}', which nothing that is played has.`);
    return { at, event: eventOf(character) };
  });
