import { isLeft } from 'fp-ts/lib/Either.js';
import { decode } from '../../domain/decode.js';
import type { Json } from '../../domain/json.js';
import { canonicalJson } from './canonical-json.js';
import type { Exchange } from './cassette-exchange.js';
import { CASSETTE_VERSION, CassetteLine } from './cassette-line.js';
import { requestHash } from './request-hash.js';

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
 * The lines of an exchange.
 *
 * @internal
 */
export function exchangeLines({ id, at, request, chunks, end }: Exchange): readonly string[] {
  const hash = requestHash(canonicalJson(request as unknown as Json));
  const lines: readonly CassetteLine[] = [
    { type: 'request', id, at, hash, request },
    ...chunks.map((timed): CassetteLine => ({ type: 'chunk', id, at: timed.at, chunk: timed.chunk })),
    { type: 'end', id, ...end },
  ];
  return lines.map(toText);
}
