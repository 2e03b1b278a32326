import type { Mark } from './mark.js';

/** Marble diagrams under each other: what happens at one time stands in one column. */
export interface Drawing {
  /** One a list of marks. Each is a marble diagram that can be copied into a test: spaces are no time. */
  readonly rows: readonly string[];
  /** Where the mark of that number of that row stands; the end of the row where it has no such mark. */
  readonly columnOf: (row: number, mark: number) => number;
}

/** The longest time that is drawn as dashes. */
const LONGEST_DASHES = 8;

/** How to get to a frame; by its time where a group before it is too long to go on from. */
const passing = (from: number, to: number): string => {
  const time = to - from;
  if (time === 0) return '';
  if (time < 0) return ` @${to}ms `;
  return Number.isInteger(time) && time <= LONGEST_DASHES ? '-'.repeat(time) : ` ${time}ms `;
};

/** The marks of a row that fall on one frame. */
const groupsOf = (marks: readonly Mark[]): ReadonlyMap<number, readonly Mark[]> => {
  const groups = new Map<number, Mark[]>();
  for (const mark of marks) {
    const group = groups.get(mark.frame);
    if (group === undefined) groups.set(mark.frame, [mark]);
    else group.push(mark);
  }
  return groups;
};

/** A row while it is drawn. */
interface Row {
  readonly groups: ReadonlyMap<number, readonly Mark[]>;
  readonly columns: number[];
  text: string;
  /** How far its text has come, in milliseconds. */
  time: number;
}

const drawFrame = (rows: readonly Row[], frame: number): void => {
  const here = rows.filter(({ groups }) => groups.has(frame));
  for (const row of here) row.text += passing(row.time, frame);
  const column = Math.max(...here.map(({ text }) => text.length));
  for (const row of here) {
    const letters = (row.groups.get(frame) ?? []).map(({ letter }) => letter);
    const isGroup = letters.length > 1;
    const text = isGroup ? `(${letters.join('')})` : letters.join('');
    letters.forEach((_letter, index) => row.columns.push(column + index + (isGroup ? 1 : 0)));
    row.text = `${row.text.padEnd(column)}${text}`;
    // As marbles are read: a character is a code point.
    row.time = frame + Array.from(text).length;
  }
};

/**
 * Draws marble diagrams under each other.
 *
 * @internal
 * @param lists - In each, marks in the order in which they happen.
 */
export function drawMarbles(lists: readonly (readonly Mark[])[]): Drawing {
  const rows = lists.map((marks): Row => ({ groups: groupsOf(marks), columns: [], text: '', time: 0 }));
  const frames = [...new Set(lists.flat().map(({ frame }) => frame))].sort((one, other) => one - other);
  for (const frame of frames) drawFrame(rows, frame);
  return {
    rows: rows.map(({ text }) => text),
    columnOf: (row, mark) => rows[row]?.columns[mark] ?? rows[row]?.text.length ?? 0,
  };
}
