import type { ReplyStep } from './misbehaving-server.js';

/** Lets the client read what has been sent before more is. */
export const aMoment: PromiseLike<void> = {
  // oxlint-disable-next-line unicorn/no-thenable -- a step of the server that takes a turn of the loop each time it is played
  then: (done) => new Promise<void>((resolve) => void setImmediate(resolve)).then(done),
};

/** The bytes from one position to the next, each sent by itself. */
const piecesAt = (bytes: Uint8Array, ends: readonly number[]): ReplyStep[] =>
  ends.flatMap((end, at) => [bytes.subarray(ends[at - 1] ?? 0, end), aMoment]);

/** Positions that depend on the text alone, mostly in the middle of a line and sometimes of a character. */
const unevenEnds = (length: number): number[] => {
  const ends: number[] = [];
  for (let end = 5, next = 7; end < length; end += next, next = ((next * 31) % 53) + 1) ends.push(end);
  return [...ends, length];
};

/** Ways in which a body may arrive. */
export const cuts: Readonly<Record<string, (bytes: Uint8Array) => ReplyStep[]>> = {
  'in one packet': (bytes) => [bytes],
  'byte by byte': (bytes) =>
    piecesAt(
      bytes,
      [...bytes.keys()].map((at) => at + 1),
    ),
  'in uneven pieces': (bytes) => piecesAt(bytes, unevenEnds(bytes.length)),
};
