import { ScriptError } from '../../errors/script-error.js';
import { readMarbles } from '../../internal/script-marbles.js';
import type { Alphabet } from './alphabet.js';
import { firstDifference } from './difference.js';
import type { Mark } from './mark.js';
import { describeMismatch } from './mismatch.js';
import type { Notice } from './record-marks.js';
import type { Session } from './session.js';
import { showValue } from './show-value.js';

/**
 * Refuses values whose letters are in no diagram: they would be expected of nothing.
 *
 * @internal
 * @throws `ScriptError` that names them.
 */
export function checkValuesUsed(marbles: string, values: object = {}): void {
  const drawn = new Set(readMarbles(marbles).map(({ character }) => character));
  const unused = Object.keys(values).filter((letter) => !drawn.has(letter));
  if (unused.length === 0) return;
  throw new ScriptError(
    `The diagram '${marbles}' has no ${unused.map((letter) => `'${letter}'`).join(' and no ')}, for which there is a value.`,
  );
}

/** Configuration of {@link expectMarbles}. */
export interface ExpectMarblesConfig {
  readonly session: Session;
  /** Named in the first line of a failure: `The run`. */
  readonly what: string;
}

const parse = (marbles: string): readonly Mark[] => readMarbles(marbles).map(({ at, character }) => ({ frame: at, letter: character }));

const isEnd = (letter: string): boolean => letter === '|' || letter === '#';

/** A plain object tells of an error what it names; an error, all it holds. */
const errorDifference = (expected: unknown, actual: unknown): string | undefined => {
  if (expected === undefined) return undefined;
  const difference =
    expected instanceof Error || !(actual instanceof Error)
      ? firstDifference(expected, actual)
      : firstDifference(expected, Object.assign({ name: actual.name, message: actual.message }, actual), 'part');
  return difference && `Of the error ${difference}.`;
};

const nameError = (error: unknown): string => (error === undefined ? 'an error' : showValue(error).replace(/\.$/, ''));

/** The mark of something that happened, by the letter that was expected in its place wherever that fits. */
const markOf = <T>(notice: Notice<T>, expected: Mark | undefined, alphabet: Alphabet<T>): Mark => {
  const { frame } = notice;
  if (notice.kind === 'C') return { frame, letter: '|' };
  if (notice.kind === 'E') return { frame, letter: '#', value: notice.error };
  const { value } = notice;
  const isExpected = expected !== undefined && !isEnd(expected.letter) && alphabet.differ(expected.letter, value) === undefined;
  return { frame, letter: isExpected ? expected.letter : alphabet.letterOf(value), value };
};

/**
 * Expects of a stream what a diagram shows, told by the page of {@link describeMismatch} where it is not so.
 *
 * @internal
 */
export function expectMarbles<T>({ session, what }: ExpectMarblesConfig, notices: readonly Notice<T>[]) {
  return {
    toBe: (marbles: string, alphabet: Alphabet<T>, error?: unknown): void => {
      const expected = parse(marbles);
      const define = (letter: string): string => alphabet.define(letter);
      for (const { letter } of expected) if (!isEnd(letter)) alphabet.read(letter);
      session.check(() => {
        const said = notices.map((notice, index) => [markOf(notice, expected[index], alphabet), notice] as const);
        const noticeOf = new Map(said);
        const differ = (wanted: Mark, found: Mark): string | undefined => {
          const notice = noticeOf.get(found);
          if (wanted.letter === '#' && notice?.kind === 'E') return errorDifference(error, notice.error);
          if (notice?.kind === 'N' && !isEnd(wanted.letter)) return alphabet.differ(wanted.letter, notice.value);
          return wanted.letter === '|' && notice?.kind === 'C' ? undefined : '';
        };
        const explain = (mark: Mark): string => {
          const notice = noticeOf.get(mark);
          if (mark.letter === '|') return 'the end';
          if (mark.letter === '#') return nameError(notice?.kind === 'E' ? notice.error : error);
          return notice?.kind === 'N' ? alphabet.explain(notice.value) : alphabet.define(mark.letter);
        };
        const page = describeMismatch({ what, expected, actual: said.map(([mark]) => mark), differ, explain, define });
        return page && { page, cause: notices.flatMap((notice) => (notice.kind === 'E' ? [notice.error] : []))[0] };
      });
    },
  };
}
