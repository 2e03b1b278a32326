import { ScriptError } from '../errors/script-error.js';

/** What happens at one moment of a marble diagram. */
export interface MarbleMoment {
  /** In milliseconds from the subscription. */
  readonly at: number;
  /** A letter that stands for a value, or how the diagram ends. */
  readonly event: { readonly letter: string } | 'complete' | 'error';
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** A time that passes, such as `250ms`, set off by spaces as in RxJS. */
const PASSAGE = /^(\d+(?:\.\d+)?)(ms|s|m)(?= |$)/;

const eventOf = (character: string): MarbleMoment['event'] => {
  if (character === '|') return 'complete';
  return character === '#' ? 'error' : { letter: character };
};

const isDigit = (character: string | undefined): boolean => character !== undefined && character >= '0' && character <= '9';

const passageAt = (characters: readonly string[], at: number): { readonly length: number; readonly time: number } | undefined => {
  if (!isDigit(characters[at]) || (at > 0 && characters[at - 1] !== ' ')) return undefined;
  const [text, amount, unit] = PASSAGE.exec(characters.slice(at).join('')) ?? [];
  if (text === undefined || unit === undefined) return undefined;
  return { length: text.length, time: Number(amount) * (UNITS[unit] ?? 1) };
};

/**
 * Reads a marble diagram as RxJS does in `TestScheduler.run`: a character is a millisecond, `(ab)` happens at once and
 * takes the time of its characters, spaces are nothing, ` 10ms ` passes.
 *
 * @internal
 * @throws `ScriptError` at a group that is not closed and at `^` and `!`, which mean nothing here.
 */
export function parseScriptMarbles(diagram: string): readonly MarbleMoment[] {
  const moments: MarbleMoment[] = [];
  let time = 0;
  let groupStart: number | undefined;
  const characters = Array.from(diagram);
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] ?? '';
    if (character === ' ') continue;
    const passage = passageAt(characters, index);
    if (passage !== undefined) {
      time += passage.time;
      index += passage.length - 1;
      continue;
    }
    if (character === '^' || character === '!') throw new ScriptError(`The marbles '${diagram}' hold '${character}', which no answer has.`);
    if (character === '(' && groupStart === undefined) groupStart = time;
    else if (character === ')' && groupStart !== undefined) groupStart = undefined;
    else if (character === '(' || character === ')') throw new ScriptError(`The groups of the marbles '${diagram}' do not match.`);
    else if (character !== '-') moments.push({ at: groupStart ?? time, event: eventOf(character) });
    time += 1;
  }
  if (groupStart !== undefined) throw new ScriptError(`A group of the marbles '${diagram}' is not closed.`);
  return moments;
}
