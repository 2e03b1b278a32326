import { LABEL, labelText, toHarmless, type Paint } from './paint.js';

/** Where a text that goes on stands: its column, and what is written of the word at its end, as far as it is on this row. */
export interface FlowPosition {
  readonly column: number;
  readonly word: string;
}

/** Where each text begins: behind its label. */
export const flowStart: FlowPosition = { column: LABEL, word: '' };

const NEW_LINE = `\n${' '.repeat(LABEL)}`;

/** How many columns a terminal draws a character in, roughly. */
const columnsOf = (character: string): number => {
  if (/[\p{M}\p{Cf}]/u.test(character)) return 0;
  return (character.codePointAt(0) ?? 0) >= 0x1100 && /[^\u2000-\u2bff]/u.test(character) ? 2 : 1;
};

/** How many columns a terminal draws a text in, roughly. */
export const widthOf = (text: string): number => Array.from(text).reduce((width, character) => width + columnsOf(character), 0);

/** Writes on from a position; a row that is full ends in the middle of the word. */
const breakHard = (text: string, start: FlowPosition, room: number): FlowPosition & { readonly text: string } => {
  let written = '';
  let { column, word } = start;
  for (const character of text) {
    const width = columnsOf(character);
    if (column + width > room) {
      written += NEW_LINE;
      column = LABEL;
      word = '';
    }
    written += character;
    column += width;
    word += character;
  }
  return { text: written, column, word };
};

/** Goes back over what is written of a word. No columns at all would be taken for one. */
const erase = (word: string): string => (word === '' ? '' : `\u001b[${widthOf(word)}D\u001b[K`);

/** Writes a word, or more of it, where it fits; else moves it as a whole to the next row, if it does not begin one. */
const writeWord = (part: string, position: FlowPosition, room: number): FlowPosition & { readonly text: string } => {
  const { column, word } = position;
  const fits = column + widthOf(part) <= room;
  if (fits || column - widthOf(word) <= LABEL) return breakHard(part, position, room);
  const moved = breakHard(word + part, flowStart, room);
  return { ...moved, text: erase(word) + NEW_LINE + moved.text };
};

/**
 * Writes a text on from a position, in rows that begin at the column of the texts and end between words. How long a word
 * is shows with its last token only: one that outgrows its row takes what is written of it along.
 */
export function flow(text: string, start: FlowPosition, columns: number): FlowPosition & { readonly text: string } {
  // The last column stays free: with a character there, terminals differ in where the cursor is.
  const room = Math.max(columns - 1, LABEL + 2);
  return (text.match(/ |[^ ]+/g) ?? []).reduce<FlowPosition & { readonly text: string }>(
    (flowed, part) => {
      if (part !== ' ') {
        const next = writeWord(part, flowed, room);
        return { ...next, text: flowed.text + next.text };
      }
      // A space at the end of a row stands for the break to come.
      const isFull = flowed.column >= room;
      return { text: isFull ? flowed.text : `${flowed.text} `, column: isFull ? flowed.column : flowed.column + 1, word: '' };
    },
    { ...start, text: '' },
  );
}

/** What lines are drawn with. */
export interface LineConfig {
  readonly paint: Paint;
  /** The width of the terminal; without it a line is as long as its text. */
  readonly columns?: number | undefined;
}

/** A text behind its label. */
export const labelledLine = (label: string, text: string, { paint, columns }: LineConfig): string => {
  const harmless = toHarmless(text);
  return labelText(label, paint) + (columns === undefined ? harmless : flow(harmless, flowStart, columns).text);
};
