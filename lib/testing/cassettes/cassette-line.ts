import * as t from 'io-ts';
import { Finite } from '../../domain/finite.js';
import { objectCodec } from '../../domain/object-codec.js';
import { RecordedChunk } from './recorded-chunk.js';
import { RecordedError } from './recorded-error.js';
import { RecordedRequest } from './recorded-request.js';
import { taggedCodec } from './tagged-codec.js';

/**
 * The version that is written: one line a happening.
 *
 * @internal
 */
export const CASSETTE_VERSION = 2;

/**
 * Codec of the ends of answers, with what else their lines hold.
 *
 * @internal
 */
export const endCodec = <Props extends t.Props>(props: Props) =>
  taggedCodec('End', 'how', {
    complete: objectCodec('Completion', { ...props, at: Finite, how: t.literal('complete') }),
    error: objectCodec('Failure', { ...props, at: Finite, how: t.literal('error'), error: RecordedError }),
    cancelled: objectCodec('Cancellation', { ...props, at: Finite, how: t.literal('cancelled') }),
  });

/**
 * The first line of a section.
 *
 * @internal
 */
export const CassetteHeader = objectCodec('CassetteHeader', { type: t.literal('cassette'), version: Finite });

/**
 * A line of version 2 that is no header. `id` counts the requests of the section from 1, as they were asked; `at` is
 * in milliseconds, of a request since the first one of its section, of everything else since its request. `hash` is that
 * of the request before it was redacted: it tells apart what only the redaction made the same, and may be left out.
 *
 * @internal
 */
export type CassetteLine = t.TypeOf<typeof CassetteLine>;
/**
 * Codec of {@link CassetteLine}.
 *
 * @internal
 */
export const CassetteLine = taggedCodec('CassetteLine', 'type', {
  request: objectCodec('RequestLine', { type: t.literal('request'), id: Finite, at: Finite, request: RecordedRequest }, { hash: t.string }),
  chunk: objectCodec('ChunkLine', { type: t.literal('chunk'), id: Finite, at: Finite, chunk: RecordedChunk }),
  end: endCodec({ type: t.literal('end'), id: Finite }),
});
