import { map, mergeMap, pipe, type OperatorFunction } from 'rxjs';
import { coalesceTokens, type StreamEvent } from 'purpose-rx';
import { labelText, noPaint, toHarmless } from './paint.js';
import { piecesOf, type Piece } from './pieces.js';

/** So long that only the end of a text flushes it, in milliseconds. */
const WHOLE_TEXTS = 2 ** 31 - 1;

const linesOf = (piece: Piece): readonly string[] => {
  switch (piece.type) {
    case 'heading':
      return ['', piece.text];
    case 'tool':
      return piece.isProgress ? [] : [labelText(piece.mark, noPaint) + toHarmless(piece.text)];
    default:
      return [labelText(piece.label, noPaint) + toHarmless(piece.text)];
  }
};

/** The events of a run as plain lines, one a text, for pipes and files. */
export const toPlainText: OperatorFunction<StreamEvent, string> = pipe(
  coalesceTokens({ maxDelay: WHOLE_TEXTS }),
  mergeMap(piecesOf),
  mergeMap(linesOf),
  map((line) => `${line.trimEnd()}\n`),
);
