import { drawMarbles } from './draw-marbles.js';
import type { Mark } from './mark.js';
import { showValue } from './show-value.js';

/** What was expected of something, and what happened. */
export interface Comparand {
  /** What is compared, for the first line: `the run`. */
  readonly what: string;
  readonly expected: readonly Mark[];
  readonly actual: readonly Mark[];
  /** What makes an actual mark at the right time not the expected one; `undefined` where it is. */
  readonly differ: (expected: Mark, actual: Mark) => string | undefined;
  /** A word on what a mark stands for: `token "Hm"`. */
  readonly explain: (mark: Mark) => string;
  /** A word on what a letter stands for wherever it is: `token`. Defaults to nothing: the diagrams need no legend. */
  readonly define?: (letter: string) => string;
}

/** Where the two part first. */
interface Parting {
  readonly index: number;
  readonly because: string;
}

/** The most characters of a row that are shown; of a longer one, what is around the difference. */
const WIDEST = 160;

/** The longest excerpts of a value: in a sentence, in the legend, and in full. */
const EXCERPT = 200;
const NAME = 60;
const WHOLE = 4000;

/** The most letters that the legend tells of. */
const LETTERS = 30;

const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length)}… (${text.length} characters)` : text;

const at = ({ frame }: Mark): string => `at ${frame} ms`;

function findParting({ expected, actual, differ, explain }: Comparand): Parting | undefined {
  const name = (mark: Mark): string => `${mark.letter} (${cut(explain(mark), EXCERPT)})`;
  for (let index = 0; index < Math.max(expected.length, actual.length); index += 1) {
    const [wanted, found] = [expected[index], actual[index]];
    if (wanted === undefined) return found && { index, because: `nothing more was expected, but ${name(found)} came ${at(found)}.` };
    if (found === undefined) return { index, because: `${name(wanted)} was expected ${at(wanted)}, but nothing more came.` };
    const due = `${name(wanted)} was expected ${at(wanted)}, but`;
    const difference = differ(wanted, found);
    if (difference !== undefined)
      return { index, because: [`${due} ${name(found)} came ${at(found)}.`, cut(difference, EXCERPT)].join(' ').trimEnd() };
    if (wanted.frame !== found.frame)
      return { index, because: `${due} came ${found.frame < wanted.frame ? 'already' : 'only'} ${at(found)}.` };
  }
  return undefined;
}

const inFull = (mark: Mark | undefined, what: string): readonly string[] =>
  mark === undefined || !('value' in mark) ? [] : ['', `${what}, ${at(mark)}, in full:`, cut(showValue(mark.value, 2), WHOLE)];

/** What letters stand for, in the order in which they come. */
const legend = (letters: readonly string[], define: ((letter: string) => string) | undefined): readonly string[] => {
  const told = [...new Set(letters)].filter((letter) => !'|#^!'.includes(letter));
  if (define === undefined || told.length === 0) return [];
  const names = told.slice(0, LETTERS).map((letter) => `${letter} ${cut(define(letter), NAME)}`);
  return ['', `Letters: ${names.join(', ')}${told.length > LETTERS ? ', …' : ''}.`];
};

/** Of rows that are too wide, the part around a column; the same part of each. */
const around = (rows: readonly string[], column: number): { readonly rows: readonly string[]; readonly column: number } => {
  if (rows.every((row) => row.length <= WIDEST)) return { rows, column };
  const start = Math.max(0, column - WIDEST / 2);
  const part = (row: string): string =>
    `${start > 0 ? '… ' : ''}${row.slice(start, start + WIDEST)}${row.length > start + WIDEST ? ' …' : ''}`;
  return { rows: rows.map(part), column: column - start + (start > 0 ? 2 : 0) };
};

/**
 * The page that tells how what happened is not what was expected; `undefined` where it is.
 *
 * ```text
 * expected  (Ss) 6ms t-----|
 * actual    (Ss) 6ms t--t--|
 *                       ^
 * ```
 *
 * Of diagrams that are too wide, the part around the difference is shown; whole ones can be copied into a test.
 *
 * @internal
 */
export function describeMismatch(comparand: Comparand): string | undefined {
  const { what, expected, actual, define } = comparand;
  const parting = findParting(comparand);
  if (parting === undefined) return undefined;
  const { index, because } = parting;
  const drawing = drawMarbles([expected, actual]);
  const [wanted, found] = [expected[index], actual[index]];
  const marked = found === undefined || (wanted !== undefined && wanted.frame < found.frame) ? 0 : 1;
  const { rows, column } = around(drawing.rows, drawing.columnOf(marked, index));
  const letters = [...actual, ...expected].map(({ letter }) => letter).filter((letter) => rows.some((row) => row.includes(letter)));
  return [
    `${what} is not what was expected.`,
    '',
    `expected  ${rows[0]}`,
    `actual    ${rows[1]}`,
    `          ${' '.repeat(column)}^`,
    `First difference: ${because}`,
    ...inFull(found, 'What came'),
    ...legend(letters, define),
  ].join('\n');
}
