import { isLeft } from 'fp-ts/lib/Either.js';
import { decode, type Decoder } from '../../domain/decode.js';
import { CassetteError } from '../../errors/cassette-error.js';
import type { ExchangeEnd, RecordedExchange, TimedChunk } from './cassette-exchange.js';
import { CASSETTE_VERSION, CassetteLine } from './cassette-line.js';
import { fromVersion1, Version1Line } from './cassette-version-1.js';

/**
 * What is wrong with a line, and what to do about it.
 *
 * @internal
 */
export const lineFault = (number: number, what: string): CassetteError =>
  new CassetteError(`Line ${number} of the cassette cannot be read: ${what}. Mend the line, or delete the cassette and record it again.`);

const decodeLine = <A>(codec: Decoder<A>, number: number, value: unknown): A => {
  const decoded = decode(codec, value);
  if (isLeft(decoded)) throw lineFault(number, decoded.left.join('; '));
  return decoded.right;
};

/**
 * A part of a cassette with a header of its own.
 *
 * @internal
 */
export interface Section {
  /** Takes the next line. Throws a `CassetteError` where it makes no sense. */
  readonly read: (number: number, value: unknown) => void;
  /** The exchanges in the order of asking. One whose end is missing was not written whole, and is left out. */
  readonly exchanges: () => readonly RecordedExchange[];
}

interface Draft extends Omit<RecordedExchange, 'chunks' | 'end'> {
  readonly chunks: TimedChunk[];
  end?: ExchangeEnd;
}

const finished = ({ end, ...draft }: Draft): readonly RecordedExchange[] => (end === undefined ? [] : [{ ...draft, end }]);

const endOf = (line: Extract<CassetteLine, { readonly type: 'end' }>): ExchangeEnd =>
  line.how === 'error' ? { at: line.at, how: line.how, error: line.error } : { at: line.at, how: line.how };

/**
 * Makes the {@link Section} of a header that stands in the given line. Sections are counted from 1.
 *
 * @internal
 */
export function createSection(version: number, header: number, section: number): Section {
  if (version !== 1 && version !== CASSETTE_VERSION) {
    throw new CassetteError(
      `Line ${header} of the cassette says version ${version}, and this version of purpose-rx reads 1 and ${CASSETTE_VERSION}. Upgrade purpose-rx, or delete the cassette and record it again.`,
    );
  }
  const drafts: Draft[] = [];
  const byId = new Map<number, Draft>();

  const begin = (number: number, { id, at, hash = '', request }: Extract<CassetteLine, { readonly type: 'request' }>): void => {
    const last = byId.get(id);
    if (last !== undefined) throw lineFault(number, `exchange ${id} is at line ${last.line} already, as where two recorders share a file`);
    const draft: Draft = { section, line: number, id, at, hash, request, chunks: [] };
    byId.set(id, draft);
    drafts.push(draft);
  };

  const take = (number: number, line: CassetteLine): void => {
    if (line.type === 'request') {
      begin(number, line);
      return;
    }
    const draft = byId.get(line.id);
    if (draft === undefined || draft.end !== undefined) throw lineFault(number, `no exchange ${line.id} is under way`);
    if (line.type === 'end') draft.end = endOf(line);
    else draft.chunks.push({ at: line.at, chunk: line.chunk });
  };

  return {
    read: (number, value) => {
      const lines =
        version === 1
          ? fromVersion1(decodeLine(Version1Line, number, value), drafts.length + 1)
          : [decodeLine(CassetteLine, number, value)];
      for (const line of lines) take(number, line);
    },
    exchanges: () => [...drafts].sort((one, other) => one.id - other.id).flatMap(finished),
  };
}
