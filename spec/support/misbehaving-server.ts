import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** The server says nothing more and keeps the connection open. */
export const STALL: unique symbol = Symbol('stall');
/** The server resets the connection. */
export const RESET: unique symbol = Symbol('reset');

/** The server closes the connection in good order, in the middle of the body. */
export const FIN: unique symbol = Symbol('fin');

/** One thing that the server does: write these bytes, wait for something, stall, reset, or close. */
export type ReplyStep = string | Uint8Array | PromiseLike<unknown> | typeof STALL | typeof RESET | typeof FIN;

/** What the server does with one request. */
export interface Reply {
  /** Defaults to 200. */
  readonly status?: number;
  /** Default to those of an event stream. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Done before the status and the headers are sent. */
  readonly before?: readonly ReplyStep[];
  /** The body, step by step; ended cleanly after the last one. */
  readonly body?: readonly ReplyStep[];
}

/** A request as it came. */
export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
  /** The port at the other end, which tells connections apart. */
  readonly remotePort: number | undefined;
  /** Resolves when the connection has closed. */
  readonly closed: Promise<void>;
}

/** A server that does what it is told, one reply a request. */
export interface MisbehavingServer {
  /** What to give as `baseURL`. */
  readonly url: string;
  /** The requests so far. */
  readonly requests: readonly ReceivedRequest[];
  /** Says what to do with the next requests, in order. */
  reply(...replies: readonly Reply[]): void;
  /** The request of this number, from 0, as soon as it is there. */
  request(index: number): Promise<ReceivedRequest>;
  /** Closes every connection, then the server. */
  close(): Promise<void>;
}

const EVENT_STREAM = { 'content-type': 'text/event-stream' };

const bodyOf = async (incoming: IncomingMessage): Promise<Record<string, unknown>> => {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  return JSON.parse(Buffer.concat(pieces).toString('utf8')) as Record<string, unknown>;
};

/** Does the steps; false when the connection is not to be ended. */
async function play(steps: readonly ReplyStep[], outgoing: ServerResponse): Promise<boolean> {
  for (const step of steps) {
    if (step === STALL) return false;
    if (step === RESET) {
      outgoing.socket?.resetAndDestroy();
      return false;
    }
    if (step === FIN) {
      outgoing.socket?.end();
      return false;
    }
    if (typeof step === 'string' || step instanceof Uint8Array) {
      await new Promise((resolve) => outgoing.write(step, resolve));
    } else {
      await step;
    }
    if (outgoing.destroyed) return false;
  }
  return true;
}

/** Starts a server on a free port of 127.0.0.1. A request that nobody foresaw is answered with status 418. */
export async function misbehavingServer(): Promise<MisbehavingServer> {
  const replies: Reply[] = [];
  const requests: ReceivedRequest[] = [];
  const waiting = new Map<number, (request: ReceivedRequest) => void>();
  /** One listener a connection, however many requests it serves. */
  const closings = new WeakMap<Socket, Promise<void>>();
  const closingOf = (socket: Socket): Promise<void> => {
    // Not by once(), which rejects where the connection was reset.
    const closing = closings.get(socket) ?? new Promise<void>((resolve) => void socket.once('close', () => resolve()));
    closings.set(socket, closing);
    return closing;
  };

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { socket } = incoming;
    const closed = closingOf(socket);
    const { url: path = '', headers } = incoming;
    const received = { path, headers, body: await bodyOf(incoming), remotePort: socket.remotePort, closed };
    const { status = 200, headers: sent = EVENT_STREAM, before = [], body = [] } = replies.shift() ?? { status: 418 };
    requests.push(received);
    waiting.get(requests.length - 1)?.(received);
    if (!(await play(before, outgoing))) return;
    outgoing.writeHead(status, sent);
    outgoing.flushHeaders();
    if (await play(body, outgoing)) outgoing.end();
  };

  const server = createServer((incoming, outgoing) => {
    // A connection that breaks while it is written to is what the tests are about.
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    reply: (...more) => {
      replies.push(...more);
    },
    request: (index) => {
      const there = requests[index];
      return there === undefined ? new Promise((resolve) => waiting.set(index, resolve)) : Promise.resolve(there);
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
