import { expect } from 'chai';
import { setImmediate as nextMacrotask } from 'node:timers/promises';
import { take, type Subscription } from 'rxjs';
import type { LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import { openAIBackend } from '../../lib/backend/openai-backend.js';
import { activeTimers } from '../support/active-timers.js';
import { watchClientSockets, type ClientSockets } from '../support/client-sockets.js';
import { misbehavingServer, STALL, type MisbehavingServer, type ReplyStep } from '../support/misbehaving-server.js';
import { CLIENT_MAJORS } from '../support/openai-clients.js';
import { DONE, finishes, says } from '../support/server-sent.js';

const request: LLMRequest = { messages: [{ role: 'user', content: 'Hi' }] };

for (const { name, make } of CLIENT_MAJORS) {
  describe(`openAIBackend, unsubscribed, ${name}`, () => {
    let server: MisbehavingServer;
    let sockets: ClientSockets;
    beforeEach(async () => {
      server = await misbehavingServer();
      sockets = watchClientSockets();
    });
    afterEach(async () => {
      sockets.stop();
      await server.close();
    });

    /** A request under way, and what it has emitted. */
    const start = (onChunk: (subscription: Subscription) => void = () => undefined) => {
      const seen: unknown[] = [];
      const backend = openAIBackend({ model: 'm', client: make({ baseURL: server.url, apiKey: 'k' }) });
      const subscription: Subscription = backend.stream(request).subscribe({
        next: (chunk: LLMChunk) => {
          seen.push(chunk);
          onChunk(subscription);
        },
        error: (error: unknown) => seen.push(error),
        complete: () => seen.push('complete'),
      });
      return { seen, subscription };
    };

    /** Unsubscribes and checks that the socket is gone at once, at both ends, and that nothing comes after. */
    const leave = async ({ seen, subscription }: ReturnType<typeof start>): Promise<void> => {
      const { remotePort, closed } = await server.request(0);
      const socket = sockets.byPort(remotePort);
      expect(socket?.destroyed).to.equal(false);
      const emitted = seen.length;
      subscription.unsubscribe();
      expect(socket?.destroyed).to.equal(true);
      await closed;
      await nextMacrotask();
      expect(seen).to.have.length(emitted);
      expect(server.requests).to.have.length(1);
    };

    /** Resolves when the request has emitted this many chunks. */
    const startAndWaitFor = async (count: number, body: readonly ReplyStep[]): Promise<ReturnType<typeof start>> => {
      server.reply({ body });
      let run: ReturnType<typeof start> | undefined;
      await new Promise<void>((resolve) => {
        let left = count;
        run = start(() => {
          left -= 1;
          if (left === 0) resolve();
        });
      });
      // What the client still has to do for this packet is done: a quiet moment.
      await nextMacrotask();
      return run ?? start();
    };

    it('asks nothing when it is left at once', async () => {
      // Past the moment at which mocha starts its own timer.
      await nextMacrotask();
      const before = activeTimers();
      start().subscription.unsubscribe();
      await nextMacrotask();
      expect(server.requests).to.have.length(0);
      expect(activeTimers()).to.equal(before);
    });

    it('sends nothing when it is left while it connects', async () => {
      const { subscription, seen } = start();
      await Promise.resolve();
      subscription.unsubscribe();
      await nextMacrotask();
      await nextMacrotask();
      expect(server.requests).to.have.length(0);
      expect(seen).to.deep.equal([]);
    });

    it('closes the socket while it waits for the headers', async () => {
      server.reply({ before: [STALL] });
      const run = start();
      await server.request(0);
      const before = activeTimers();
      await leave(run);
      // The client's own limit of ten minutes is gone with it.
      expect(activeTimers()).to.be.below(before);
    });

    it('closes the socket between the headers and the body', async () => {
      let sendHeaders: (() => void) | undefined;
      server.reply({ body: [new Promise<void>((resolve) => (sendHeaders = resolve)), says('late')] });
      const run = start();
      await server.request(0);
      await leave(run);
      sendHeaders?.();
      await nextMacrotask();
      expect(run.seen).to.deep.equal([]);
    });

    it('closes the socket in a quiet moment of the body', async () => {
      await leave(await startAndWaitFor(2, [says('a'), says('b'), STALL]));
    });

    it('closes the socket while it waits for the end of the body', async () => {
      const run = await startAndWaitFor(1, [says('a') + finishes('stop') + DONE, STALL]);
      const before = activeTimers();
      await leave(run);
      expect(activeTimers()).to.be.below(before);
    });

    it('closes the socket in the middle of a burst, and emits no more of it', async () => {
      server.reply({ body: [says('a') + says('b') + says('c') + finishes('stop') + DONE, STALL] });
      const { seen } = await new Promise<ReturnType<typeof start>>((resolve) => {
        const run = start((subscription) => {
          subscription.unsubscribe();
          resolve(run);
        });
      });
      const { remotePort, closed } = await server.request(0);
      expect(sockets.byPort(remotePort)?.destroyed).to.equal(true);
      await closed;
      expect(seen).to.deep.equal([{ type: 'text', text: 'a' }]);
    });

    it('closes the socket when an operator has enough', async () => {
      server.reply({ body: [says('a') + says('b'), STALL] });
      const backend = openAIBackend({ model: 'm', client: make({ baseURL: server.url, apiKey: 'k' }) });
      await new Promise<void>((resolve) => {
        backend
          .stream(request)
          .pipe(take(1))
          .subscribe({ complete: () => resolve() });
      });
      const { remotePort, closed } = await server.request(0);
      expect(sockets.byPort(remotePort)?.destroyed).to.equal(true);
      await closed;
    });
  });
}
