import { expect } from 'chai';
import { gzipSync } from 'node:zlib';
import type { LLMBackend, LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import { openAIBackend } from '../../lib/backend/openai-backend.js';
import type { OpenAIBackendConfig } from '../../lib/backend/openai-config.js';
import type { AnswerLimitError } from '../../lib/errors/answer-limit-error.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { watchClientSockets, type ClientSockets } from '../support/client-sockets.js';
import { misbehavingServer, STALL, type MisbehavingServer, type Reply, type ReplyStep } from '../support/misbehaving-server.js';
import { CLIENT_MAJORS } from '../support/openai-clients.js';
import { outcomeOf } from '../support/outcome.js';
import { calls, delta, DONE, finishes, says } from '../support/server-sent.js';

const KEY = 'planted-key-40bc';
/** Longer than anything takes here, in milliseconds. */
const FAR = 5000;
const MiB = 2 ** 20;
const JSON_TYPE = { 'content-type': 'application/json' };
const EVENTS_TYPE = { 'content-type': 'text/event-stream' };
const request: LLMRequest = { messages: [{ role: 'user', content: 'Hi' }] };

/** A text of so many bytes, over and over. */
const repeat = (piece: string, bytes: number): readonly ReplyStep[] => {
  const part = Buffer.from(piece.repeat(Math.ceil(65_536 / piece.length)));
  return Array.from({ length: Math.ceil(bytes / part.length) }, () => part);
};

/** An event of some thousand characters of text. */
const SPEECH = says('Well, '.repeat(170));

/** So many bytes of pieces, packed: a body may be of many parts, each of which is packed by itself. */
const packed = (piece: string, bytes: number): Uint8Array => {
  const part = gzipSync(piece.repeat(Math.ceil(MiB / piece.length)));
  return Buffer.concat(Array<Uint8Array>(Math.ceil(bytes / MiB)).fill(part));
};

const said = (chunks: readonly LLMChunk[]): string => chunks.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join('');

/** JSON of so many levels. */
const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const DEEP = 100_000;

const [FIRST] = CLIENT_MAJORS;

for (const { name, make } of CLIENT_MAJORS) {
  describe(`openAIBackend, given too much, ${name}`, () => {
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

    const backendFor = (more: Partial<OpenAIBackendConfig> = {}): LLMBackend =>
      openAIBackend({ model: 'm', settleWithin: 20, client: make({ baseURL: server.url, apiKey: KEY }), ...more });

    /** Asks a server that replies so; the socket is then closed at both ends. */
    const ask = async (reply: Reply, more: Partial<OpenAIBackendConfig> = {}) => {
      server.reply(reply);
      const { values, error } = await outcomeOf(backendFor(more).stream(request));
      const { remotePort, closed } = await server.request(0);
      expect(sockets.byPort(remotePort)?.destroyed).to.equal(true);
      await closed;
      return { values, error: error as AnswerLimitError };
    };

    const cutOff = { _tag: 'AnswerLimitError', isRetryable: false };

    const large: readonly (readonly [what: string, reply: () => Reply, limit: number])[] = [
      ['an answer of 50 MB', () => ({ body: repeat(SPEECH, 50 * MiB) }), 8 * MiB],
      ['a line of 50 MB', () => ({ body: ['data: ', ...repeat('x', 50 * MiB)] }), 4 * MiB],
      ['an event of 50 MB in many lines', () => ({ body: repeat('data: xxxxxxxxxxxxxxxx\n', 50 * MiB) }), 4 * MiB],
      ['JSON of 50 MB', () => ({ headers: JSON_TYPE, body: ['{"choices":[{"message":{"content":"', ...repeat('x', 50 * MiB)] }), 8 * MiB],
      ['JSON of brackets', () => ({ headers: JSON_TYPE, body: repeat('[', 50 * MiB) }), 8 * MiB],
      ['blank keep-alives for ever', () => ({ body: repeat('\n', 50 * MiB) }), 8 * MiB],
      ['comments for ever', () => ({ body: repeat(': ping\n\n', 50 * MiB) }), 8 * MiB],
      ['lines that end with carriage returns only', () => ({ body: repeat('\r', 50 * MiB) }), 8 * MiB],
      ['empty deltas for ever', () => ({ body: repeat(delta({ content: '' }), 50 * MiB) }), 8 * MiB],
      [
        'a tool call that comes to no end',
        () => ({ body: repeat(calls({ index: 0, id: 'a', function: { name: 'f', arguments: 'x'.repeat(1000) } }), 50 * MiB) }),
        8 * MiB,
      ],
      ['a bomb', () => ({ headers: { ...EVENTS_TYPE, 'content-encoding': 'gzip' }, body: [packed(SPEECH, 50 * MiB), STALL] }), 8 * MiB],
      [
        'a bomb of one line',
        () => ({ headers: { ...EVENTS_TYPE, 'content-encoding': 'gzip' }, body: [gzipSync('data: '), packed('x', 50 * MiB), STALL] }),
        4 * MiB,
      ],
    ];
    // How the body is read is not the affair of the client.
    for (const [what, reply, limit] of name === FIRST?.name ? large : large.slice(-1)) {
      it(`cuts off ${what}`, async () => {
        const { values, error } = await ask(reply());
        expect(error).to.include({ ...cutOff, limit });
        expect(error.message).to.include(`${limit} bytes`);
        expect(said(values).length).to.be.at.most(limit);
        expect(error.partial).to.equal(said(values).slice(0, 1000));
        expect(values.map(({ type }) => type)).to.not.include('finish');
      });
    }

    it('takes limits of its own', async () => {
      const { values, error } = await ask({ body: [says('a'), says('x'.repeat(300)), STALL] }, { limits: { answerBytes: 200 } });
      expect(error).to.include({ ...cutOff, limit: 200, partial: 'a' });
      expect(values).to.deep.equal([{ type: 'text', text: 'a' }]);
      server.reply({ body: [says('a'), says('x'.repeat(300)), STALL] });
      const outcome = await outcomeOf(backendFor({ limits: { eventBytes: 200 } }).stream(request));
      expect(outcome.error).to.include({ ...cutOff, limit: 200, partial: 'a' });
    });

    it('takes an answer that is as large as it may be', async () => {
      const body = says('x'.repeat(100)) + finishes('stop') + DONE;
      server.reply({ body: [body] }, { body: [body] });
      expect((await outcomeOf(backendFor({ limits: { answerBytes: body.length } }).stream(request))).error).to.equal(undefined);
      // What comes after [DONE] is nobody's.
      const short = { limits: { answerBytes: body.length - 1 } };
      expect((await outcomeOf(backendFor(short).stream(request))).error).to.include(cutOff);
    });

    it('takes an answer that ended before it went on without end', async () => {
      const { values, error } = await ask({ body: [says('a') + finishes('stop') + DONE, ...repeat('x', 50 * MiB)] });
      expect(error).to.equal(undefined);
      expect(values).to.deep.equal([
        { type: 'text', text: 'a' },
        { type: 'finish', reason: 'stop' },
      ]);
    });

    it('does not take an answer for whole that said stop and went on without end', async () => {
      const { error } = await ask({ body: [says('a') + finishes('stop'), ...repeat(SPEECH, 50 * MiB)] }, { settleWithin: FAR });
      expect(error).to.include(cutOff);
    });

    it('shows no key in what it keeps of the text', async () => {
      const { error } = await ask({ body: [says(`${KEY} `), ...repeat(says(`${KEY} `), 9 * MiB)] }, { apiKey: KEY });
      expect(error.partial.length).to.be.at.most(1000);
      expect(error.partial).to.include('[redacted]').and.not.include('planted');
    });

    it('reads no more of a refusal than anybody needs', async () => {
      const { error } = await ask({ status: 400, headers: JSON_TYPE, body: ['{"error":{"message":"no luck ', ...repeat('x', 50 * MiB)] });
      expect(error).to.include({ _tag: 'BadRequestError' });
      expect(error.message).to.include('no luck').and.have.length.below(600);
    });

    /** No stack overflows: what is nested too deep is an error of ours. */
    const deep: readonly (readonly [what: string, reply: Reply, tag: string])[] = [
      ['an event', { body: [`data: ${nested(DEEP)}\n\n`, says('a'), finishes('stop') + DONE] }, 'MalformedError'],
      ['an event that says nothing else', { body: [says('a'), `data: {"choices":[${nested(DEEP)}]}\n\n`, STALL] }, 'MalformedError'],
      ['an error within the stream', { body: [`event: error\ndata: ${nested(DEEP)}\n\n`, STALL] }, 'ServerError'],
      ['content', { body: [`data: {"choices":[{"delta":{"content":${'[{"text":'.repeat(DEEP)}\n\n`, STALL] }, 'MalformedError'],
      ['an answer as JSON', { headers: JSON_TYPE, body: [`{"choices":[{"message":{"content":${nested(DEEP)}}}]}`] }, 'MalformedError'],
      ['a list as JSON', { headers: JSON_TYPE, body: [`${'['.repeat(DEEP)}${']'.repeat(DEEP)}`] }, 'MalformedError'],
      ['a refusal', { status: 400, headers: JSON_TYPE, body: [nested(DEEP)] }, 'BadRequestError'],
      ['a refusal with an error', { status: 400, headers: JSON_TYPE, body: [`{"error":${nested(DEEP)}}`] }, 'BadRequestError'],
      [
        'the arguments of a tool call',
        { body: [calls({ index: 0, id: 'a', function: { name: 'f', arguments: nested(DEEP) } }), finishes('tool_calls') + DONE] },
        'ToolCallError',
      ],
      [
        'the arguments of a tool call that are no text',
        {
          body: [
            `data: {"choices":[{"delta":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":${nested(DEEP)}}}]}}]}\n\n`,
            finishes('tool_calls') + DONE,
          ],
        },
        'MalformedError',
      ],
    ];
    for (const [what, reply, tag] of deep) {
      it(`refuses ${what} of 100,000 levels`, async () => {
        server.reply(reply);
        const { error } = await outcomeOf(backendFor().stream(request));
        expect(error).to.include({ _tag: tag });
        expect((error as Error).message).to.have.length.below(1000);
      });
    }

    it('reads what is nested as deep as JSON of ours may be', async () => {
      const params = { at: JSON.parse(nested(400)) as unknown };
      const body = [
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: JSON.stringify(params) } }),
        finishes('tool_calls') + DONE,
      ];
      server.reply({ body });
      const { values, error } = await outcomeOf(backendFor().stream(request));
      expect(error).to.equal(undefined);
      expect(values[0]).to.deep.equal({ type: 'tool_call', id: 'a', name: 'f', params });
    });
  });
}

describe('openAIBackend', () => {
  it('keeps little of an answer that is unpacked to much', async () => {
    const server = await misbehavingServer();
    server.reply({ headers: { ...EVENTS_TYPE, 'content-encoding': 'gzip' }, body: [packed(': ping\n', 200 * MiB), STALL] });
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 1);
    const { error } = await outcomeOf(openAIBackend({ model: 'm', baseURL: server.url }).stream(request));
    clearInterval(watch);
    expect(error).to.include({ _tag: 'AnswerLimitError' });
    expect((most - before) / MiB).to.be.below(100);
    await server.close();
  });

  it('refuses limits that make no sense', () => {
    for (const bytes of [0, -1, NaN]) {
      expect(() => openAIBackend({ model: 'm', limits: { answerBytes: bytes } }), String(bytes)).to.throw(ContractError, 'answerBytes');
      expect(() => openAIBackend({ model: 'm', limits: { eventBytes: bytes } }), String(bytes)).to.throw(ContractError, 'eventBytes');
    }
    openAIBackend({ model: 'm', limits: { answerBytes: 1, eventBytes: Infinity } });
  });
});
