import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

const CHANNEL = 'undici:client:connected';

const hasSocket = (message: unknown): message is { socket: Socket } =>
  typeof message === 'object' && message !== null && 'socket' in message;

/** The sockets that `fetch` connects while it is watched. */
export interface ClientSockets {
  /** The socket with this port on our side. */
  byPort(port: number | undefined): Socket | undefined;
  /** Ends the watching. */
  stop(): void;
}

/** Watches the sockets of `fetch`, which nothing else gives out. */
export function watchClientSockets(): ClientSockets {
  const sockets = new Map<number | undefined, Socket>();
  const listen = (message: unknown): void => {
    if (hasSocket(message)) sockets.set(message.socket.localPort, message.socket);
  };
  subscribe(CHANNEL, listen);
  return {
    byPort: (port) => sockets.get(port),
    stop: () => {
      unsubscribe(CHANNEL, listen);
    },
  };
}
