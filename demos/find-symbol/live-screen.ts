import { concatMap, map, pipe, scan, type OperatorFunction } from 'rxjs';
import { coalesceTokens, type StreamEvent } from 'purpose-rx';
import { flow, flowStart, labelledLine, widthOf, type FlowPosition } from './flow.js';
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
  /** The text that is forming, and where its next token goes. */
  readonly forming?: FlowPosition & { readonly key: string };
  /** The rows of the tools at work by call, which are drawn over when one changes. */
  readonly tools: ReadonlyMap<string, string>;
  /** What to write now. */
  readonly output: string;
}

const clear: Screen = { tools: new Map(), output: '' };

const fit = (text: string, width: number): string =>
  widthOf(text) <= width
    ? text
    : `${Array.from(text)
        .slice(0, Math.floor(width / 2))
        .join('')}…`;

const draw = (screen: Screen, piece: Piece, { columns, paint }: LiveScreenConfig): Screen => {
  const closing = screen.forming === undefined ? '' : '\n';
  switch (piece.type) {
    case 'heading':
      return { ...clear, output: `${closing}\n${paint('bold', piece.text)}\n` };
    case 'said': {
      const { key } = piece;
      const before = screen.forming?.key === key ? screen.forming : undefined;
      const { text, column, word } = flow(toHarmless(piece.text), before ?? flowStart, columns);
      const label = before === undefined ? closing + labelText(piece.label, paint) : '';
      return { ...clear, forming: { key, column, word }, output: label + text };
    }
    case 'tool': {
      const row = labelText(piece.mark, paint) + fit(toHarmless(piece.text), columns - LABEL - 1);
      const tools = new Map([...screen.tools, [piece.callId, row]]);
      const over = screen.tools.size === 0 ? closing : `\u001b[${screen.tools.size}F\u001b[J`;
      return { tools, output: `${over}${[...tools.values()].join('\n')}\n` };
    }
    default:
      return { ...clear, output: `${closing}${labelledLine(piece.label, piece.text, { columns, paint })}\n` };
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
