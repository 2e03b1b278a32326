/**
 * The server of the benchmark, in a process of its own so that it is nobody's bottleneck. It tells its address by
 * `process.send`, and is asked by path, `/v1/chat/completions` after it:
 *
 * - `/burst/<tokens>`, `/json/<tokens>`, `/agui/<tokens>`: a text, an action as JSON, AG-UI's events, as fast as they are
 *   taken, written sixteen at a time; `/padded/<tokens>`, `/paddedjson/<tokens>`: with padded chunks
 * - `/single/<tokens>`: one event a packet
 * - `/paced/<tokens>/<ms>`: one event every so many milliseconds, its text the time at which it was sent, and a comma
 * - `/tools/<id>/<steps>`, `/actions/<id>/<steps>`: one step after the other, by native calls and by JSON
 * - `/silent/<id>`: a few tokens, then nothing; `GET /closed/<id>` tells when its socket was closed, in nanoseconds
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as immediate, setTimeout as wait } from 'node:timers/promises';
import { aguiRun, closing, contentChunk, jsonAnswer, OPENING, textAnswer, toolAnswer } from './answers.js';

/** How many events go into a packet of a burst. */
const BURST = 16;
/** How far apart the packets of single events are, in nanoseconds: a client that is slower gets two in one. */
const APART = 1_000_000n;
/** How long a socket that is to be closed is waited for, in milliseconds. */
const CLOSED_WITHIN = 2_000;

const now = (): bigint => process.hrtime.bigint();

const bursts = new Map<string, readonly Buffer[]>();

/** The packets of an answer, made once. */
const packetsOf = (key: string, make: () => readonly string[]): readonly Buffer[] => {
  const known = bursts.get(key);
  if (known !== undefined) return known;
  const events = make();
  const packets = Array.from({ length: Math.ceil(events.length / BURST) }, (_, at) =>
    Buffer.from(events.slice(at * BURST, (at + 1) * BURST).join('')),
  );
  bursts.set(key, packets);
  return packets;
};

/** As fast as it is taken. Who leaves early is no fault of the server. */
const burst = (response: ServerResponse, packets: readonly Buffer[]): Promise<void> =>
  pipeline(Readable.from(packets, { objectMode: false }), response).catch(() => undefined);

const single = async (response: ServerResponse, events: readonly string[]): Promise<void> => {
  let due = now();
  for (const event of events) {
    while (now() < due) await immediate();
    if (response.destroyed) return;
    response.write(event);
    due = now() + APART;
  }
  response.end();
};

const paced = async (response: ServerResponse, tokens: number, interval: number): Promise<void> => {
  response.write(OPENING);
  // Spread over the interval, so that a thousand streams do not all speak at once.
  await wait(Math.random() * interval);
  const start = performance.now();
  for (let sent = 0; sent < tokens && !response.destroyed; sent += 1) {
    response.write(contentChunk(`${now()}, `));
    await wait(Math.max(0, start + (sent + 1) * interval - performance.now()));
  }
  response.end(closing('stop', tokens).join(''));
};

const counts = new Map<string, number>();

/** Which request with this id it is, from 1. */
const countOf = (id: string): number => {
  const count = (counts.get(id) ?? 0) + 1;
  counts.set(id, count);
  return count;
};

const closed = new Map<string, Promise<bigint>>();

const silence = (response: ServerResponse, id: string): void => {
  closed.set(
    id,
    new Promise((resolve) => {
      response.socket?.once('close', () => {
        resolve(now());
      });
    }),
  );
  response.write(OPENING + contentChunk('Hm') + contentChunk(', wait') + contentChunk('.'));
};

const tellClosed = async (response: ServerResponse, id: string): Promise<void> => {
  const at = await Promise.race([closed.get(id), wait(CLOSED_WITHIN)]);
  response.end(JSON.stringify({ at: at === undefined ? null : String(at) }));
};

/** What comes in bursts. */
const answers: Readonly<Record<string, (tokens: number) => readonly string[]>> = {
  burst: (tokens) => textAnswer(tokens),
  padded: (tokens) => textAnswer(tokens, 'padded'),
  json: (tokens) => jsonAnswer(tokens, 'DONE'),
  paddedjson: (tokens) => jsonAnswer(tokens, 'DONE', 'padded'),
  agui: aguiRun,
};

const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const [, kind = '', first = '', second = ''] = (request.url ?? '').split('/');
  if (kind === 'closed') return tellClosed(response, first);
  request.resume();
  await once(request, 'end');
  response.socket?.setNoDelay(true);
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  const tokens = Number(first);
  const answer = answers[kind];
  if (answer !== undefined)
    return burst(
      response,
      packetsOf(`${kind} ${tokens}`, () => answer(tokens)),
    );
  if (kind === 'single') return single(response, textAnswer(tokens));
  if (kind === 'paced') return paced(response, tokens, Number(second));
  if (kind === 'silent') return silence(response, first);
  const step = countOf(first);
  const isLast = step > Number(second);
  if (kind === 'tools') response.end((isLast ? textAnswer(8) : toolAnswer(step)).join(''));
  else response.end(jsonAnswer(8, isLast ? 'DONE' : 'look').join(''));
};

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => {
    console.error(error);
    response.destroy();
  });
});
// An idle connection that is closed just when it is used again would be nobody's fault.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.on('disconnect', () => {
  process.exit();
});
