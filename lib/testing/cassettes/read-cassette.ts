import { isLeft } from 'fp-ts/lib/Either.js';
import { decode } from '../../domain/decode.js';
import { parseForeignJson } from '../../internal/json-proto.js';
import type { RecordedExchange } from './cassette-exchange.js';
import { CassetteHeader } from './cassette-line.js';
import { createSection, lineFault, type Section } from './cassette-section.js';
import { cassetteText, type TextLine } from './cassette-text.js';

const HEADER = /\{"type":"cassette","version":\d+\}$/;

/** A line that a writer was stopped in, and the header that the next one wrote behind it, are two. */
const partsOf = (line: TextLine): readonly TextLine[] => {
  const place = line.text.search(HEADER);
  if (place <= 0) return [line];
  return [
    { ...line, text: line.text.slice(0, place), isOpen: true },
    { ...line, text: line.text.slice(place) },
  ];
};

/** A line whose writer was stopped in the middle of it: begun as JSON, and the last one, without a break, or before a header. */
const isTorn = ({ text, isOpen }: TextLine, next: TextLine | undefined): boolean =>
  text.startsWith('{') && (isOpen || next?.text.search(HEADER) === 0);

/** The JSON of a line; `undefined` where the line is torn. */
const parseLine = (line: TextLine, next: TextLine | undefined): unknown => {
  try {
    return parseForeignJson(line.text);
  } catch {
    if (isTorn(line, next)) return undefined;
    throw lineFault(line.number, 'it is not JSON');
  }
};

const isHeader = (value: unknown): boolean => typeof value === 'object' && value !== null && Reflect.get(value, 'type') === 'cassette';

const sectionOf = ({ number }: TextLine, value: unknown, section: number): Section => {
  const header = decode(CassetteHeader, value);
  if (isLeft(header)) throw lineFault(number, header.left.join('; '));
  return createSection(header.right.version, number, section);
};

/**
 * Reads the exchanges of a cassette, section by section, each in the order of asking. A text without lines holds none.
 *
 * A line that is torn, the last one or one before a header, is left out, and so is an exchange that lacks its end: it
 * was not written whole. Anything else that does not decode is an error.
 *
 * @internal
 * @throws `CassetteError` with the number of the line and what is wrong with it.
 */
export function readCassette(cassette: string | Iterable<string>): readonly RecordedExchange[] {
  const sections: Section[] = [];
  const lines = cassetteText(cassette).flatMap(partsOf);
  for (const [index, line] of lines.entries()) {
    const value = parseLine(line, lines[index + 1]);
    if (value === undefined) continue;
    const section = sections.at(-1);
    if (isHeader(value)) sections.push(sectionOf(line, value, sections.length + 1));
    else if (section === undefined) throw lineFault(line.number, 'a header such as {"type":"cassette","version":2} has to come first');
    else section.read(line.number, value);
  }
  return sections.flatMap((section) => section.exchanges());
}
