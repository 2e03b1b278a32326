import { truncate } from '../../domain/text.js';
import { toWellFormed } from '../../internal/well-formed.js';

const LINE_ENDS = /\r\n|[\n\r\u0085\u2028\u2029]/u;

/** Every character that is not drawn but does something, such as moving the cursor of a terminal. */
const CONTROL = /\p{Cc}/gu;

/** A control character as a sign that can be seen. */
const pictureOf = (control: string): string => {
  const code = control.codePointAt(0) ?? 0;
  if (code === 0x7f) return '\u2421';
  return code < 0x20 ? String.fromCodePoint(0x2400 + code) : '\ufffd';
};

const clean = (line: string): string => toWellFormed(line).replaceAll('\t', ' ').replace(CONTROL, pictureOf).trim();

const SURROGATE = /[\ud800-\udfff]/;

/** How many code points a text has, which is what a width counts here. Most texts have no pairs to be counted. */
export const lengthOf = (text: string): number => (SURROGATE.test(text) ? Array.from(text).length : text.length);

/** Behind these a long word is broken rather than in the middle of a name. */
const JOINTS = new Set('([{,;:=/?&-_');

/** How much of a word goes into a line of `width`: up to its last joint, where that is not a waste of the line. */
const pieceOf = (points: readonly string[], width: number): number => {
  if (points.length <= width) return points.length;
  const joint = points.slice(0, width).findLastIndex((point) => JOINTS.has(point));
  return joint + 1 > width / 3 ? joint + 1 : width;
};

/** A word in pieces of at most `width` code points. */
const broken = (word: string, width: number): readonly string[] => {
  if (lengthOf(word) <= width) return [word];
  const points = Array.from(word);
  const pieces: string[] = [];
  for (let begin = 0; begin < points.length; begin += Array.from(pieces.at(-1) ?? '').length) {
    const rest = points.slice(begin, begin + width + 1);
    pieces.push(rest.slice(0, pieceOf(rest, width)).join(''));
  }
  return pieces;
};

const wrapLine = (line: string, width: number): readonly string[] => {
  const lines: string[] = [];
  let current = '';
  const put = (piece: string, glue: string): void => {
    const longer = current === '' ? piece : current + glue + piece;
    if (lengthOf(longer) <= width) current = longer;
    else {
      lines.push(current);
      current = piece;
    }
  };
  for (const word of line.split(/\s+/u)) broken(word, width).forEach((piece, index) => put(piece, index === 0 ? ' ' : ''));
  return current === '' ? lines : [...lines, current];
};

/**
 * A text in lines of at most `width` code points, broken at white space where it can be. Nothing but white space is
 * lost; what would move a cursor is shown as a sign.
 *
 * @internal
 */
export const wrap = (text: string, width: number): readonly string[] =>
  text.split(LINE_ENDS).flatMap((line) => wrapLine(clean(line), Math.max(width, 1)));

/** The longest JSON that is shown, in UTF-16 code units. */
const LONGEST_JSON = 240;

/** A value as JSON in one line with room to breathe: `{"a": [1, 2]}`. */
export const jsonText = (value: unknown): string => {
  // Line breaks that stand in a text are escaped, so what is left of them is layout.
  const text = (JSON.stringify(value, null, 1) ?? '')
    .replaceAll(/([[{])\n\s*/g, '$1')
    .replaceAll(/\n\s*([\]}])/g, '$1')
    .replaceAll(/\n\s*/g, ' ');
  return text.length > LONGEST_JSON ? `${truncate(text, LONGEST_JSON)}…` : text;
};

/** A call as a programmer would write it: `search(text: "door")`. */
export const callText = (name: string, params: unknown): string => {
  const json = jsonText(params ?? {});
  if (typeof params !== 'object' || params === null || Array.isArray(params) || json.endsWith('…'))
    return json === '{}' ? `${name}()` : `${name}(${json})`;
  const named = Object.entries(params).map(
    ([key, value]) => `${/^[\p{ID_Start}_][\p{ID_Continue}-]*$/u.test(key) ? key : jsonText(key)}: ${jsonText(value)}`,
  );
  return `${name}(${named.join(', ')})`;
};

/** A number with at most two decimals. */
export const decimal = (value: number): string => String(Math.round(value * 100) / 100);

/** A change, with its sign. */
export const change = (value: number): string => {
  const text = decimal(value);
  if (text === '0') return '±0';
  return text.startsWith('-') ? text : `+${text}`;
};

/** `1 step`, `2 steps`. */
export const count = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? '' : 's'}`;

/** Φ, from 0 to 10, as a bar of `width` cells. */
export const bar = (phi: number, width: number): string => {
  const filled = Math.min(Math.max(Math.round((phi / 10) * width) || 0, 0), width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
};
