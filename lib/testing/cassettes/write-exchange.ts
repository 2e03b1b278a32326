import { isLeft } from 'fp-ts/lib/Either.js';
import { decode } from '../../domain/decode.js';
import type { Exchange } from './cassette-exchange.js';
import { CASSETTE_VERSION, CassetteLine } from './cassette-line.js';

/** They end a line for some readers of lines, though not for JSON. */
const SEPARATORS = /[\u0085\u2028\u2029]/g;

const escape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** What could not be read again is not written. */
const toText = (line: CassetteLine): string => {
  const text = JSON.stringify(line).replaceAll(SEPARATORS, escape);
  const decoded = decode(CassetteLine, JSON.parse(text));
  if (isLeft(decoded)) throw new Error(decoded.left.join('; '));
  return text;
};

/**
 * The first line of a section.
 *
 * @internal
 */
export const headerLine = (): string => JSON.stringify({ type: 'cassette', version: CASSETTE_VERSION });

/**
 * The line of a request.
 *
 * @internal
 */
export const requestLine = (request: Omit<Exchange, 'chunks' | 'end'>): string => toText({ type: 'request', ...request });

/**
 * The lines of an answer.
 *
 * @internal
 */
export function answerLines({ id, chunks, end }: Pick<Exchange, 'id' | 'chunks' | 'end'>): readonly string[] {
  const lines: readonly CassetteLine[] = [
    ...chunks.map((timed): CassetteLine => ({ type: 'chunk', id, at: timed.at, chunk: timed.chunk })),
    { type: 'end', id, ...end },
  ];
  return lines.map(toText);
}
