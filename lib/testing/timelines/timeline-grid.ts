import { LANES, type Entry, type Row } from './timeline-rows.js';
import { decimal, lengthOf, wrap } from './timeline-text.js';

/** How wide everything is, in code points. */
export interface Grid {
  readonly width: number;
  readonly time: number;
  /** Of the lanes, from left to right. */
  readonly lanes: readonly [thoughts: number, tools: number, evaluation: number, phi: number];
}

/** The widest that the times may be; longer ones are wrapped like everything else. */
const WIDEST_TIME = 10;

/** From here on the bar of Φ has a cell for each of its ten points. */
const ROOMY = 80;

const SEPARATOR = ' │ ';

/** Shares out the width: the times and Φ get what they need, the other lanes the rest. */
export const createGrid = (width: number, times: readonly number[]): Grid => {
  const longest = times.reduce((most, time) => Math.max(most, decimal(time).length), 3);
  const time = Math.min(longest, WIDEST_TIME);
  const phi = width >= ROOMY ? 10 : 9;
  const rest = width - time - phi - SEPARATOR.length * LANES.length;
  const wide = Math.ceil(rest * 0.35);
  return { width, time, lanes: [wide, wide, rest - 2 * wide, phi] };
};

const linesOf = ({ first, rest, text }: Entry, width: number): readonly string[] => {
  const room = width - Math.max(lengthOf(first), lengthOf(rest));
  // A lane that is narrower than what should stand before its texts has the texts alone.
  if (room < 1) return wrap(text, width);
  return wrap(text, room).map((line, index) => (index === 0 ? first : rest) + line);
};

const HEADS = ['thoughts', 'tools', 'evaluation', 'Φ'];

const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);

const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(width - lengthOf(text), 0));

const right = (text: string, width: number): string => ' '.repeat(Math.max(width - lengthOf(text), 0)) + text;

/**
 * Draws rows as lines, none longer than the width and none with blanks at its end.
 *
 * @internal
 */
export const drawRows = (rows: readonly Row[], grid: Grid): readonly string[] => {
  const { width, time: timeWidth, lanes } = grid;
  let lastTime: string | undefined;

  const across = (crossing: string, dash = '─'): string =>
    [timeWidth, ...lanes].map((size) => dash.repeat(size)).join(dash + crossing + dash);
  const line = (time: string, cells: readonly string[]): string =>
    [right(time, timeWidth), ...cells.map((cell, index) => padded(cell, lanes[index] ?? 0))].join(SEPARATOR).trimEnd();

  const drawMoment = (row: Extract<Row, { readonly kind: 'moment' }>): readonly string[] => {
    const label = decimal(row.time);
    const columns = LANES.map((lane, index) => row.lanes[lane].flatMap((entry) => linesOf(entry, lanes[index] ?? 1)));
    if (columns.every((column) => column.length === 0)) return [];
    const times = label === lastTime ? [] : wrap(label, timeWidth);
    lastTime = label;
    const height = Math.max(times.length, ...columns.map((column) => column.length));
    const idle = ['', row.rails.slice(0, lanes[1]), '', ''];
    return Array.from({ length: height }, (_none, index) =>
      line(
        times[index] ?? '',
        columns.map((column, lane) => column[index] ?? idle[lane] ?? ''),
      ),
    );
  };

  const drawRule = ({ time, text, isHeavy = false }: Extract<Row, { readonly kind: 'rule' }>): readonly string[] => {
    const label = wrap(decimal(time), timeWidth);
    lastTime = decimal(time);
    const lines = wrap(text, width - timeWidth - SEPARATOR.length - 1);
    const height = Math.max(label.length, lines.length);
    const full = isHeavy ? across('╪', '═') : across('┼');
    return Array.from({ length: height }, (_none, index) => {
      const tee = isHeavy ? '╞═' : '├─';
      const begin = `${right(label[index] ?? '', timeWidth)} ${index === 0 ? tee : '│ '} ${lines[index] ?? ''}`;
      return (height === 1 ? `${begin} ${full.slice(lengthOf(begin) + 1)}` : begin).trimEnd();
    });
  };

  const draw = (row: Row): readonly string[] => {
    switch (row.kind) {
      case 'moment':
        return drawMoment(row);
      case 'rule':
        return drawRule(row);
      case 'text':
        return wrap(row.text, width);
      case 'head':
        return [
          line(
            'ms',
            HEADS.map((head, index) => cut(head, lanes[index] ?? 0)),
          ),
          across('┼'),
        ];
      default:
        return [across('┴')];
    }
  };

  return rows.flatMap(draw);
};
