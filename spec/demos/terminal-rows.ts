import { widthOf } from '../../demos/find-symbol/flow.js';

/** The cells of a text: a wide character takes two. */
const cellsOf = (text: string): readonly string[] =>
  Array.from(text).flatMap((character) => (widthOf(character) === 2 ? [character, ''] : [character]));

const PART = new RegExp(String.raw`\u001b\[(\d+)D|\u001b\[K|\n|[^\u001b\n]+`, 'g');

/** The rows that a terminal shows of a text: it knows line feed, cursor left, and erase to the end of the row. */
export const rowsOf = (output: string): readonly string[] => {
  const rows: string[][] = [[]];
  let column = 0;
  for (const [part, left] of output.matchAll(PART)) {
    const row = rows.at(-1) ?? [];
    if (left !== undefined) column -= Math.max(1, Number(left));
    else if (part.endsWith('[K') && part.length === 3) row.splice(column);
    else if (part === '\n') {
      rows.push([]);
      column = 0;
    } else {
      const cells = cellsOf(part);
      row.splice(column, cells.length, ...cells);
      column += cells.length;
    }
  }
  return rows.map((row) => row.join(''));
};
