import { concatMap, map, pipe, scan, type OperatorFunction } from 'rxjs';
import { coalesceTokens, type StreamEvent } from 'purpose-rx';
import { LABEL, labelText, toHarmless, type Paint } from './paint.js';
import { piecesOf, type Piece } from './pieces.js';

/** The terminal. */
export interface LiveScreenConfig {
  /** How wide it is, in characters. */
  readonly columns: number;
  readonly paint: Paint;
}

/** What stands on the screen, as far as what comes next depends on it. */
interface Screen {
  /** The text that is forming, and where in its line it is. */
  readonly key?: string;
  readonly column: number;
  /** The rows of the tools at work by call, which are drawn over when one changes. */
  readonly tools: ReadonlyMap<string, string>;
  /** What to write now. */
  readonly output: string;
}

const clear: Screen = { column: 0, tools: new Map(), output: '' };
const NEW_LINE = `\n${' '.repeat(LABEL)}`;

/** Characters that terminals draw two columns wide, roughly. */
const isWide = (character: string): boolean => (character.codePointAt(0) ?? 0) >= 0x1100 && /[^\u2000-\u2bff]/u.test(character);
const widthOf = (text: string): number => Array.from(text).reduce((width, character) => width + (isWide(character) ? 2 : 1), 0);

const fit = (text: string, width: number): string =>
  widthOf(text) <= width
    ? text
    : `${Array.from(text)
        .slice(0, Math.floor(width / 2))
        .join('')}…`;

/** Breaks a text at spaces as it goes on; a word's length is not known before its last token. */
const flow = (text: string, column: number, columns: number): { readonly text: string; readonly column: number } => {
  let written = '';
  let at = column;
  for (const word of text.split(/(?= )/)) {
    const isBreak = word.startsWith(' ') && at + widthOf(word) > columns - 4;
    written += isBreak ? NEW_LINE + word.slice(1) : word;
    at = isBreak ? LABEL + widthOf(word) - 1 : at + widthOf(word);
  }
  return { text: written, column: at };
};

const draw = (screen: Screen, piece: Piece, { columns, paint }: LiveScreenConfig): Screen => {
  const closing = screen.key === undefined ? '' : '\n';
  switch (piece.type) {
    case 'heading':
      return { ...clear, output: `${closing}\n${paint('bold', piece.text)}\n` };
    case 'said': {
      const goesOn = piece.key === screen.key;
      const { text, column } = flow(toHarmless(piece.text), goesOn ? screen.column : LABEL, columns);
      return { ...clear, key: piece.key, column, output: (goesOn ? '' : closing + labelText(piece.label, paint)) + text };
    }
    case 'tool': {
      const row = labelText(piece.mark, paint) + fit(toHarmless(piece.text), columns - LABEL - 1);
      const tools = new Map([...screen.tools, [piece.callId, row]]);
      const over = screen.tools.size === 0 ? closing : `\u001b[${screen.tools.size}F\u001b[J`;
      return { column: 0, tools, output: `${over}${[...tools.values()].join('\n')}\n` };
    }
    default:
      return { ...clear, output: `${closing}${labelText(piece.label, paint)}${flow(toHarmless(piece.text), LABEL, columns).text}\n` };
  }
};

/** The events of a run as text for a terminal: thoughts as they form, and the tools at work drawn over in place. */
export const toLiveText = (config: LiveScreenConfig): OperatorFunction<StreamEvent, string> =>
  pipe(
    coalesceTokens({ maxDelay: 16 }),
    concatMap(piecesOf),
    scan((screen, piece) => draw(screen, piece, config), clear),
    map(({ output }) => output),
  );
