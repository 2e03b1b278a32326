import type { Json } from '../../domain/json.js';
import { isStreamEventType, type StreamEvent, type StreamEventData, type StreamEventType } from '../../domain/stream-event.js';
import { ScriptError } from '../../errors/script-error.js';
import type { Alphabet } from './alphabet.js';
import { firstDifference } from './difference.js';
import { letterOf, OTHER_EVENT, typeOf } from './event-letters.js';
import type { PartOf } from './part-of.js';
import { showValue } from './show-value.js';
import { spareLetters } from './spare-letters.js';

/**
 * What an event is to be like: a text is a token of that text; of an event, what is named here is compared and
 * everything else may be as it likes.
 */
export type EventPattern =
  | string
  | (EnvelopePattern & { readonly type?: StreamEventType; readonly data?: PartOf<StreamEventData<TellingType>> })
  | (EnvelopePattern & { readonly type: string & Record<never, never>; readonly data?: Json });

/** The types of the events that tell more than that they happened. */
type TellingType = Exclude<StreamEventType, 'done' | 'terminal'>;

/** What is known of any event. */
interface EnvelopePattern {
  readonly step?: number;
  readonly seq?: number;
  readonly timestamp?: number;
}

/** What the letters of a diagram stand for, beside those of {@link eventLetters}. */
export type EventPatterns = Readonly<Record<string, EventPattern>>;

/** A pattern as it is compared, whatever its type says. */
interface Pattern extends EnvelopePattern {
  readonly type?: string;
  readonly data?: unknown;
}

/** A pattern of a letter of the alphabet is of that letter's type unless it says another. */
const patternOf = (letter: string, values: EventPatterns): Pattern | undefined => {
  const type = typeOf(letter);
  const given = Object.hasOwn(values, letter) ? values[letter] : undefined;
  if (typeof given === 'string') return { type: 'token', data: { token: given } };
  if (given !== undefined) return type === undefined ? given : { type, ...given };
  return type === undefined ? undefined : { type };
};

const explain = ({ type, data }: StreamEvent): string => (type === 'token' ? `token ${showValue(data.token)}` : type);

/**
 * The alphabet of the events of a run: each type has its letter, and `values` say more.
 *
 * @internal
 */
export function eventAlphabet(values: EventPatterns = {}): Alphabet<StreamEvent> {
  const spare = spareLetters((letter) => Object.hasOwn(values, letter) || letter === OTHER_EVENT || typeOf(letter) !== undefined);
  const differ = (letter: string, event: StreamEvent): string | undefined => {
    const pattern = patternOf(letter, values);
    // The letter of an environment's own types is none of the engine's, whatever else is asked of it.
    if (letter === OTHER_EVENT && pattern?.type === undefined && isStreamEventType(event.type)) return '';
    if (pattern === undefined) return letter === OTHER_EVENT ? undefined : '';
    // Of another type everything is different: the type alone says enough.
    if (pattern.type !== undefined && pattern.type !== event.type) return '';
    const difference = firstDifference(pattern, event, 'part');
    return difference && `Of the event ${difference}.`;
  };
  return {
    differ,
    letterOf: (event) => {
      const byPattern = Object.keys(values).find((letter) => differ(letter, event) === undefined);
      if (byPattern !== undefined) return byPattern;
      const letter = letterOf(event);
      return Object.hasOwn(values, letter) ? spare.letterOf(explain(event), explain(event)) : letter;
    },
    explain,
    define: (letter) => {
      const spared = spare.nameOf(letter);
      if (spared !== undefined) return spared;
      const pattern = patternOf(letter, values);
      if (pattern === undefined) return 'an event of its own type';
      const { type = letter === OTHER_EVENT ? 'an event of its own type' : 'any event', ...rest } = pattern;
      return Object.keys(rest).length === 0 ? type : `${type} with ${showValue(rest)}`;
    },
    read: (letter) => {
      if (letter === OTHER_EVENT || patternOf(letter, values) !== undefined) return;
      throw new ScriptError(`The letter '${letter}' stands for no event: use one of eventLetters, or give it a value.`);
    },
  };
}
