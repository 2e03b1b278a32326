import { isLeft } from 'fp-ts/lib/Either.js';
import { decode } from '../../domain/decode.js';
import { parseForeignJson } from '../../internal/json-proto.js';
import type { RecordedExchange } from './cassette-exchange.js';
import { CassetteHeader } from './cassette-line.js';
import { createSection, lineFault, type Section } from './cassette-section.js';
import { cassetteText, type TextLine } from './cassette-text.js';

/** A line whose writer was stopped in the middle of it: the last one, begun as JSON, that no break follows. */
const isTorn = ({ text, isOpen }: TextLine): boolean => isOpen && text.startsWith('{');

/** The JSON of a line; `undefined` where the line is torn. */
const parseLine = (line: TextLine): unknown => {
  try {
    return parseForeignJson(line.text);
  } catch {
    if (isTorn(line)) return undefined;
    throw lineFault(line.number, 'it is not JSON');
  }
};

const isHeader = (value: unknown): boolean => typeof value === 'object' && value !== null && Reflect.get(value, 'type') === 'cassette';

const sectionOf = ({ number }: TextLine, value: unknown): Section => {
  const header = decode(CassetteHeader, value);
  if (isLeft(header)) throw lineFault(number, header.left.join('; '));
  return createSection(header.right.version, number);
};

/**
 * Reads the exchanges of a cassette, section by section, each in the order of asking. A text without lines holds none.
 *
 * A last line that is torn is cut off; anything else that does not decode is an error.
 *
 * @internal
 * @throws `CassetteError` with the number of the line and what is wrong with it.
 */
export function readCassette(cassette: string | Iterable<string>): readonly RecordedExchange[] {
  const sections: Section[] = [];
  for (const line of cassetteText(cassette)) {
    const value = parseLine(line);
    if (value === undefined) break;
    const section = sections.at(-1);
    if (isHeader(value)) sections.push(sectionOf(line, value));
    else if (section === undefined) throw lineFault(line.number, 'a header such as {"type":"cassette","version":2} has to come first');
    else section.read(line.number, value);
  }
  return sections.flatMap((section) => section.exchanges());
}
