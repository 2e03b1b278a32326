import * as t from 'io-ts';
import { Finite } from '../../domain/finite.js';
import { objectCodec } from '../../domain/object-codec.js';
import { endCodec, type CassetteLine } from './cassette-line.js';
import { RecordedChunk } from './recorded-chunk.js';
import { RecordedRequest } from './recorded-request.js';

/**
 * A line of version 1 that is no header: a whole exchange. They stand in the order in which they ended.
 *
 * @internal
 */
export interface Version1Line extends t.TypeOf<typeof Version1Line> {}
/**
 * Codec of {@link Version1Line}.
 *
 * @internal
 */
export const Version1Line = objectCodec('Version1Line', {
  request: RecordedRequest,
  chunks: t.readonlyArray(t.tuple([Finite, RecordedChunk])),
  end: endCodec({}),
});

/**
 * The lines that version 2 has for one of version 1, which knew neither ids nor when a request was asked.
 *
 * @internal
 */
export const fromVersion1 = ({ request, chunks, end }: Version1Line, id: number): readonly CassetteLine[] => [
  { type: 'request', id, at: 0, request },
  ...chunks.map(([at, chunk]): CassetteLine => ({ type: 'chunk', id, at, chunk })),
  { type: 'end', id, ...end },
];
