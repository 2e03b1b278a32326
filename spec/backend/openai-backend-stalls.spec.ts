import { expect } from 'chai';
import { setTimeout as wait } from 'node:timers/promises';
import type { LLMBackend, LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import { openAIBackend } from '../../lib/backend/openai-backend.js';
import type { OpenAIBackendConfig } from '../../lib/backend/openai-config.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { watchClientSockets, type ClientSockets } from '../support/client-sockets.js';
import { misbehavingServer, STALL, type MisbehavingServer, type Reply, type ReplyStep } from '../support/misbehaving-server.js';
import { CLIENT_MAJORS } from '../support/openai-clients.js';
import { outcomeOf, type Outcome } from '../support/outcome.js';
import { calls, costs, delta, DONE, finishes, says } from '../support/server-sent.js';

const KEY = 'planted-key-51dd';
const request: LLMRequest = { messages: [{ role: 'user', content: 'Hi' }] };

/** The limit of what is to run out, what is allowed beyond it, and one that is not to run out, in milliseconds. */
const LIMIT = 80;
const SLACK = 250;
const FAR = 5000;

/** The same again and again for a second, beginning now. */
const drip = (piece: string, interval = 10): readonly ReplyStep[] =>
  Array.from({ length: 1000 / interval }, (_, count) => [piece, wait((count + 1) * interval, undefined, { ref: false })]).flat();

const text = (value: string): LLMChunk => ({ type: 'text', text: value });

/** How a request went, and how long it took. */
interface Timed extends Outcome<LLMChunk> {
  readonly took: number;
}

for (const { name, make } of CLIENT_MAJORS) {
  describe(`openAIBackend, stalled, ${name}`, () => {
    let server: MisbehavingServer;
    let sockets: ClientSockets;
    // What takes its time to be loaded is not what is measured.
    before(async () => {
      const first = await misbehavingServer();
      first.reply({ body: [says('a') + finishes('stop') + DONE] });
      await outcomeOf(openAIBackend({ model: 'm', client: make({ baseURL: first.url, apiKey: KEY }) }).stream(request));
      await first.close();
    });
    beforeEach(async () => {
      server = await misbehavingServer();
      sockets = watchClientSockets();
    });
    afterEach(async () => {
      sockets.stop();
      await server.close();
    });

    /** Asks a server that replies so; the socket is then closed at both ends. */
    const ask = async (reply: Reply, more: Partial<OpenAIBackendConfig>, asked = request): Promise<Timed> => {
      server.reply(reply);
      const backend: LLMBackend = openAIBackend({ model: 'm', client: make({ baseURL: server.url, apiKey: KEY }), ...more });
      const began = Date.now();
      const outcome = await outcomeOf(backend.stream(asked));
      const took = Date.now() - began;
      const { remotePort, closed } = await server.request(0);
      expect(sockets.byPort(remotePort)?.destroyed).to.equal(true);
      await closed;
      return { ...outcome, took };
    };

    const expectTimeout = ({ error, took }: Timed, clock: string, partial: string): void => {
      expect(error).to.include({ _tag: 'TimeoutError', clock, limit: LIMIT, partial, isRetryable: true });
      expect(took)
        .to.be.at.least(LIMIT - 2)
        .and.at.most(LIMIT + SLACK);
    };

    const idle = { connect: FAR, firstToken: FAR, idle: LIMIT, total: FAR };
    const firstToken = { connect: FAR, firstToken: LIMIT, idle: FAR, total: FAR };
    const noContent: readonly (readonly [what: string, more: () => readonly ReplyStep[]])[] = [
      ['silence', () => [STALL]],
      ['comments that keep the connection alive', () => drip(': ping\n\n')],
      ['a comment that comes byte by byte', () => drip(':')],
      ['an event that comes byte by byte', () => ['data: {"choices":[{"delta":{"content":"', ...drip('x', 50)]],
      ['blank lines', () => drip('\n')],
      ['empty deltas', () => drip(delta({ content: '' }))],
      ['deltas that say who speaks', () => drip(delta({ role: 'assistant', content: null }))],
      ['usages', () => drip(costs(3, 2))],
      ['pieces of tool calls with nothing in them', () => drip(calls({ index: 0, function: { arguments: '' } }))],
    ];
    for (const [what, more] of noContent) {
      it(`finds a stall under ${what} after some content`, async () => {
        expectTimeout(await ask({ body: [says('Hel'), ...more()] }, { timeouts: idle }), 'idle', 'Hel');
      });

      it(`finds a stall under ${what} before any content`, async () => {
        expectTimeout(await ask({ body: more() }, { timeouts: firstToken }), 'firstToken', '');
      });
    }

    it('finds a server that does not begin to answer', async () => {
      const timeouts = { connect: LIMIT, firstToken: FAR, idle: FAR, total: FAR };
      expectTimeout(await ask({ before: [STALL] }, { timeouts }), 'connect', '');
    });

    it('finds a refusal that comes to no end', async () => {
      const timeouts = { connect: LIMIT, firstToken: FAR, idle: FAR, total: FAR };
      expectTimeout(await ask({ status: 500, body: ['{"error":', STALL] }, { timeouts }), 'connect', '');
    });

    it('takes the headers for a beginning, and says so', async () => {
      let opened = 0;
      const onOpen = (): void => {
        opened += 1;
      };
      const timeouts = { connect: LIMIT, firstToken: 3 * LIMIT, idle: FAR, total: FAR };
      const { error } = await ask({ body: [STALL] }, { timeouts }, { ...request, onOpen });
      expect(error).to.include({ clock: 'firstToken' });
      expect(opened).to.equal(1);
    });

    it('finds an answer that comes to no end', async () => {
      const timeouts = { connect: FAR, firstToken: FAR, idle: FAR, total: LIMIT };
      const outcome = await ask({ body: drip(says('x')) }, { timeouts });
      const said = outcome.values.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join('');
      expect(said).to.match(/^x+$/);
      expectTimeout(outcome, 'total', said);
    });

    it('waits for a tool call whose arguments come, and finds out when they stop', async () => {
      const pieces = Array.from({ length: 8 }, (_, count) => [
        calls(
          count === 0
            ? { index: 0, id: 'a', function: { name: 'look', arguments: '{"at":"' } }
            : { index: 0, function: { arguments: 'x' } },
        ),
        wait((count + 1) * 20, undefined, { ref: false }),
      ]).flat();
      let told = 0;
      const onContent = (): void => {
        told += 1;
      };
      const { error, took } = await ask(
        { body: [...pieces, STALL] },
        { timeouts: { ...idle, firstToken: LIMIT } },
        { ...request, onContent },
      );
      expect(error).to.include({ _tag: 'TimeoutError', clock: 'idle', partial: '' });
      expect(took).to.be.at.least(7 * 20 + LIMIT - 2);
      expect(told).to.equal(8);
    });

    it('is content with a whole answer whose socket stays open', async () => {
      const body: readonly ReplyStep[] = [says('Hel') + finishes('stop') + costs(3, 2) + DONE, STALL];
      const { values, error, took } = await ask({ body }, { timeouts: idle });
      expect(error).to.equal(undefined);
      expect(values.map(({ type }) => type)).to.deep.equal(['text', 'usage', 'finish']);
      expect(took).to.be.at.most(SLACK);
    });

    it('waits for the usage of an answer that has finished as long as it was told to', async () => {
      const body: readonly ReplyStep[] = [says('Hel') + finishes('stop'), wait(60, undefined, { ref: false }), DONE, STALL];
      const { values, error } = await ask({ body }, { timeouts: idle, settleWithin: 3 * LIMIT });
      expect(error).to.equal(undefined);
      expect(values).to.deep.equal([text('Hel'), { type: 'finish', reason: 'stop' }]);
    });

    it('waits as long as it takes where there are no clocks', async () => {
      const body: readonly ReplyStep[] = [says('Hel'), wait(2 * LIMIT, undefined, { ref: false }), finishes('stop') + DONE, STALL];
      const { error } = await ask({ body }, { timeouts: null, settleWithin: 10 });
      expect(error).to.equal(undefined);
    });

    it('shows no key in the text that came before a stall', async () => {
      const { error } = await ask({ body: [says(`I was given ${KEY}.`), STALL] }, { timeouts: idle, apiKey: KEY });
      expect(error).to.include({ partial: 'I was given [redacted].' });
    });

    it('lets no clock of the client run out before its own', async () => {
      server.reply({ before: [wait(3 * LIMIT, undefined, { ref: false })], body: [says('a') + finishes('stop') + DONE] });
      server.reply({ before: [STALL] });
      const client = make({ baseURL: server.url, apiKey: KEY, timeout: LIMIT, maxRetries: 0 });
      const patient = openAIBackend({ model: 'm', client, timeouts: { connect: FAR } });
      expect((await outcomeOf(patient.stream(request))).error).to.equal(undefined);
      // Who says nothing of it leaves it to the client.
      const { error } = await outcomeOf(openAIBackend({ model: 'm', client }).stream(request));
      expect(error).to.include({ _tag: 'NetworkError' });
    });
  });
}

describe('openAIBackend', () => {
  it('refuses clocks that make no sense', () => {
    for (const wait of [0, NaN, 2 ** 31]) {
      expect(() => openAIBackend({ model: 'm', timeouts: { idle: wait } }), String(wait)).to.throw(ContractError, 'idle');
    }
    openAIBackend({ model: 'm', timeouts: { idle: null, connect: 1 } });
  });
});
