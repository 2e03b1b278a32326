import { expect } from 'chai';
import { setImmediate as nextMacrotask } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { LLMBackend, LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import { openAIBackend } from '../../lib/backend/openai-backend.js';
import type { ChatCompletionsClient } from '../../lib/backend/openai-client.js';
import type { OpenAIBackendConfig } from '../../lib/backend/openai-config.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import type { EngineError } from '../../lib/errors/engine-error.js';
import { activeTimers } from '../support/active-timers.js';
import { misbehavingServer, RESET, STALL, type MisbehavingServer, type Reply } from '../support/misbehaving-server.js';
import { CLIENT_MAJORS } from '../support/openai-clients.js';
import { outcomeOf } from '../support/outcome.js';
import { calls, costs, delta, DONE, finishes, says, sent } from '../support/server-sent.js';

const KEY = 'planted-key-77aa';
const HEADER = 'planted-header-93bd';
const OWN_HEADER = 'planted-default-61fe';
const request: LLMRequest = { messages: [{ role: 'user', content: 'Hi' }] };
const JSON_TYPE = { 'content-type': 'application/json' };

const text = (value: string): LLMChunk => ({ type: 'text', text: value });
const usage: LLMChunk = { type: 'usage', usage: { inputTokens: 3, outputTokens: 2 } };
const stop: LLMChunk = { type: 'finish', reason: 'stop' };
const hello = says('Hel') + says('lo') + finishes('stop') + costs(3, 2) + DONE;
const HELLO = [text('Hel'), text('lo'), usage, stop];
const refuses = (status: number, error: unknown, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { ...JSON_TYPE, ...headers },
  body: [JSON.stringify(error)],
});

/** How a request went, its error by tag. */
const ask = async (backend: LLMBackend, asked = request): Promise<{ chunks: readonly LLMChunk[]; tag?: string; error?: EngineError }> => {
  const { values, error } = await outcomeOf(backend.stream(asked));
  return error === undefined ? { chunks: values } : { chunks: values, error: error as EngineError, tag: (error as EngineError)._tag };
};

const withServer = (): (() => MisbehavingServer) => {
  let server: MisbehavingServer;
  beforeEach(async () => {
    server = await misbehavingServer();
  });
  afterEach(() => server.close());
  return () => server;
};

for (const { name, make } of CLIENT_MAJORS) {
  describe(`openAIBackend, ${name}`, () => {
    const server = withServer();
    const backendFor = (more: Partial<OpenAIBackendConfig> = {}): LLMBackend =>
      openAIBackend({ model: 'm', settleWithin: 20, client: make({ baseURL: server().url, apiKey: KEY }), ...more });

    it('streams text, usage and finish', async () => {
      server().reply({ body: [says('Hel'), says('lo'), finishes('stop'), costs(3, 2), DONE] });
      expect(await ask(backendFor())).to.deep.equal({ chunks: HELLO });
      expect(server().requests).to.have.length(1);
      expect(server().requests[0]?.body).to.deep.include({ model: 'm', stream: true, max_tokens: 2048, temperature: 0.7 });
      expect(server().requests[0]?.headers.authorization).to.equal(`Bearer ${KEY}`);
    });

    it('streams reasoning and tool calls', async () => {
      const pieces = [
        { index: 0, id: 'a', function: { name: 'look', arguments: '{"at"' } },
        { index: 0, function: { arguments: ':1}' } },
      ];
      server().reply({
        body: [delta({ reasoning_content: 'hm' }), ...pieces.map((piece) => calls(piece)), finishes('tool_calls'), DONE],
      });
      expect(await ask(backendFor())).to.deep.equal({
        chunks: [
          { type: 'reasoning', text: 'hm' },
          { type: 'tool_call', id: 'a', name: 'look', params: { at: 1 } },
          { type: 'finish', reason: 'tool_calls' },
        ],
      });
    });

    it('asks nothing before a subscription, and once for each', async () => {
      const answer$ = backendFor().stream(request);
      expect(server().requests).to.have.length(0);
      server().reply({ body: [hello] }, { body: [hello] });
      await outcomeOf(answer$);
      await outcomeOf(answer$);
      expect(server().requests).to.have.length(2);
    });

    it('sends its headers along', async () => {
      server().reply({ body: [hello] });
      await ask(backendFor({ headers: { 'x-own': HEADER } }));
      expect(server().requests[0]?.headers['x-own']).to.equal(HEADER);
    });

    it('never tries again by itself', async () => {
      server().reply(refuses(500, { error: { message: 'oops' } }));
      expect((await ask(backendFor())).tag).to.equal('ServerError');
      expect(server().requests).to.have.length(1);
    });

    it('reads an answer that is cut anywhere', async () => {
      const bytes = new TextEncoder().encode(says('ä😀') + says('日本') + finishes('stop') + costs(3, 2) + DONE);
      for (const size of [1, 7, 64]) {
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.slice(at * size, (at + 1) * size));
        server().reply({ body: pieces });
        expect(await ask(backendFor({ settleWithin: 5000 }))).to.deep.equal({ chunks: [text('ä😀'), text('日本'), usage, stop] });
      }
    });

    it('reads an event stream under another name, and a whole answer for a stream', async () => {
      server().reply(
        { headers: JSON_TYPE, body: [hello] },
        { headers: JSON_TYPE, body: ['{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}'] },
      );
      expect(await ask(backendFor())).to.deep.equal({ chunks: HELLO });
      expect(await ask(backendFor())).to.deep.equal({ chunks: [text('Hi'), stop] });
    });

    it('fails on a page, and names what it is', async () => {
      server().reply({ headers: { 'content-type': 'text/html; charset=utf-8' }, body: ['<html>Welcome</html>'] });
      const { tag, error } = await ask(backendFor());
      expect(tag).to.equal('MalformedError');
      expect(error?.message).to.include('text/html').and.include('baseURL');
    });

    it('ends although the server keeps the connection open', async () => {
      server().reply({ body: [hello, STALL] }, { body: [says('a'), finishes('stop'), STALL] });
      expect(await ask(backendFor())).to.deep.equal({ chunks: HELLO });
      expect(await ask(backendFor())).to.deep.equal({ chunks: [text('a'), stop] });
      await Promise.all(server().requests.map(({ closed }) => closed));
    });

    it('leaves the connection to the next request when the answer ended with its body', async () => {
      server().reply(...Array.from({ length: 6 }, () => ({ body: [hello] })));
      const backend = backendFor();
      for (let count = 0; count < 6; count += 1) await ask(backend);
      const ports = new Set(server().requests.map(({ remotePort }) => remotePort));
      expect(ports.size).to.be.below(6);
    });

    it('keeps the partial text of an answer that was reset or closed half way', async () => {
      server().reply({ body: [says('Hel'), says('lo'), RESET] }, { body: [says('Hel'), says('lo')] });
      for (let count = 0; count < 2; count += 1) {
        const { chunks, tag, error } = await ask(backendFor());
        expect(chunks).to.deep.equal([text('Hel'), text('lo')]);
        expect(tag).to.equal('TruncatedError');
        expect(error).to.include({ partial: 'Hello', isRetryable: true });
      }
    });

    it('tells a connection that broke before the answer', async () => {
      server().reply({ before: [RESET] }, { body: [': hi\n\n', RESET] });
      expect((await ask(backendFor())).tag).to.equal('NetworkError');
      expect((await ask(backendFor())).tag).to.equal('NetworkError');
    });

    it('tells a server that is not there', async () => {
      const client = make({ baseURL: server().url, apiKey: KEY });
      await server().close();
      const { tag, error } = await ask(backendFor({ client }));
      expect(tag).to.equal('NetworkError');
      expect(error?.message).to.include('ECONNREFUSED');
      await misbehavingServer().then((other) => other.close());
    });

    it('types refusals by their status, with the wait', async () => {
      const tags = { 401: 'AuthenticationError', 404: 'NotFoundError', 413: 'BadRequestError', 429: 'RateLimitError', 503: 'ServerError' };
      for (const [status, tag] of Object.entries(tags)) {
        server().reply(refuses(Number(status), { error: { message: 'because' } }, { 'retry-after': '3' }));
        const refused = await ask(backendFor());
        expect(refused.tag).to.equal(tag);
        if (tag === 'RateLimitError') expect(refused.error).to.have.property('retryAfter', 3000);
      }
    });

    it('tells an error inside an answer', async () => {
      server().reply({ body: [says('a'), sent({ error: { message: 'slow down', code: 429 } }), DONE] });
      expect(await ask(backendFor())).to.deep.include({ chunks: [text('a')], tag: 'RateLimitError' });
    });

    it('asks again without what the server refuses, and remembers', async () => {
      const backend = backendFor();
      const asked = { ...request, responseFormat: { name: 'a', schema: { type: 'object' } } };
      server().reply(
        refuses(400, { error: { message: 'Unrecognized request argument: stream_options' } }),
        refuses(400, { error: { message: "Use 'max_completion_tokens'.", param: 'max_tokens' } }),
        refuses(422, { error: { message: 'temperature: only the default (1) is supported' } }),
        refuses(400, { error: { message: 'response_format.type json_schema is unknown' } }),
        refuses(400, { error: { message: 'response_format is unknown' } }),
        { body: [hello] },
        { body: [hello] },
      );
      expect(await ask(backend, asked)).to.deep.equal({ chunks: HELLO });
      expect(server().requests).to.have.length(6);
      expect(server().requests[4]?.body['response_format']).to.deep.equal({ type: 'json_object' });
      const { messages, ...last } = server().requests[5]?.body ?? {};
      expect(messages).to.have.nested.property('[0].role', 'system');
      expect(messages).to.have.nested.property('[1].content', request.messages[0]?.content);
      expect(last).to.deep.equal({ model: 'm', stream: true, max_completion_tokens: 2048 });

      await ask(backend, asked);
      expect(server().requests).to.have.length(7);
      expect(server().requests[6]?.body).to.deep.equal(server().requests[5]?.body);
    });

    it('gives up strictness for the schema that is refused, and for no other', async () => {
      const backend = backendFor();
      const askFor = (name: string) => {
        const schema = { type: 'object', properties: { [name]: { type: 'string' } }, required: [name], additionalProperties: false };
        return ask(backend, { ...request, responseFormat: { name, schema } });
      };
      server().reply(refuses(400, { error: { message: "Invalid schema for response_format 'a'", param: 'response_format' } }));
      server().reply(...Array.from({ length: 3 }, () => ({ body: [hello] })));
      for (const name of ['a', 'a', 'b']) expect(await askFor(name)).to.deep.equal({ chunks: HELLO });
      const strict = server().requests.map(({ body }) => body['response_format']);
      expect(strict).to.have.length(4);
      for (const [index, isStrict] of [true, false, false, true].entries()) {
        expect(strict[index], `request ${index}`).to.have.nested.property('json_schema.strict', isStrict);
      }
    });

    it('asks once where a value is refused', async () => {
      server().reply(refuses(400, { error: { message: 'max_tokens is too large: 100000. Give at most 4096.', param: 'max_tokens' } }));
      expect((await ask(backendFor())).tag).to.equal('BadRequestError');
      expect(server().requests).to.have.length(1);
    });

    it('gives up a thing once, and remembers nothing that did not help', async () => {
      const refusal = refuses(400, { error: { message: 'max_tokens is not supported' } });
      const backend = backendFor();
      server().reply(refusal, refusal, { body: [hello] });
      expect((await ask(backend)).tag).to.equal('BadRequestError');
      expect(server().requests).to.have.length(2);
      await ask(backend);
      expect(server().requests[2]?.body).to.have.property('max_tokens');
    });

    it('reads refusals that the client would throw away', async () => {
      const detail = [{ loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }];
      server().reply(refuses(422, { detail }), { body: [hello] }, refuses(422, { detail: 'prompt too long' }));
      const backend = backendFor();
      expect(await ask(backend)).to.deep.equal({ chunks: HELLO });
      expect((await ask(backend)).error?.message).to.include('prompt too long');
    });

    it('asks through the fetch of the client', async () => {
      const asked: unknown[] = [];
      const own: typeof fetch = (input, init) => {
        asked.push(input);
        return fetch(input, init);
      };
      server().reply({ body: [hello] });
      await ask(backendFor({ client: make({ baseURL: server().url, apiKey: KEY, fetch: own }) }));
      expect(asked).to.have.length(1);
    });

    it('asks with a client whose create was wrapped', async () => {
      const client = make({ baseURL: server().url, apiKey: KEY });
      const { completions } = client.chat;
      const bodies: unknown[] = [];
      const create = completions.create.bind(completions);
      Object.assign(completions, {
        create: (...given: Parameters<typeof create>) => {
          bodies.push(given[0]);
          return create(...given);
        },
      });
      server().reply({ body: [hello] });
      expect(await ask(backendFor({ client }))).to.deep.equal({ chunks: HELLO });
      expect(bodies).to.have.length(1);
    });

    it('tells nothing of organization, project and headers in any form', async () => {
      const more: readonly object[] = [
        { defaultHeaders: new Headers({ 'x-default': OWN_HEADER }) },
        { defaultHeaders: [['x-default', OWN_HEADER]] },
        { defaultHeaders: { 'x-default': ['one', OWN_HEADER] } },
        { organization: OWN_HEADER },
        { project: OWN_HEADER },
      ];
      for (const options of more) {
        server().reply(refuses(400, { error: { message: `bad: ${OWN_HEADER}` } }));
        const { error } = await ask(backendFor({ client: make({ baseURL: server().url, apiKey: KEY, ...options }) }));
        expect(error?.message).to.include('bad');
        expect(inspect(error, { depth: Infinity, showHidden: true })).to.not.include(OWN_HEADER);
      }
    });

    it('holds no key and no header in any error', async () => {
      const all = `${KEY} ${HEADER} ${OWN_HEADER}`;
      const echo = {
        message: `no: ${all}`,
        code: 500,
        headers: { authorization: `Bearer ${KEY}`, 'x-own': HEADER, 'x-default': OWN_HEADER },
      };
      const headers = { 'x-echo': KEY, 'x-own': HEADER, 'x-default': OWN_HEADER };
      const client = make({ baseURL: server().url, apiKey: KEY, defaultHeaders: { 'x-default': `Token ${OWN_HEADER}` } });
      const backend = backendFor({ client, headers: { 'x-own': HEADER } });
      server().reply(
        refuses(401, { error: echo }, headers),
        refuses(400, { error: echo }, headers),
        refuses(500, { detail: echo }, headers),
        { body: [sent({ error: echo })] },
        { body: [says(all), RESET] },
        { body: [`data: {"${all}`] },
        { headers: { 'content-type': `text/html; a=${KEY}` }, body: [`<p>${all}`] },
        { body: [calls({ id: 'a', function: { name: 'look', arguments: `{${all}` } }), finishes('stop')] },
      );
      for (let count = 0; count < 8; count += 1) {
        const { error } = await ask(backend);
        const told = `${inspect(error, { depth: Infinity, showHidden: true })}${JSON.stringify(error)}${error?.stack}`;
        expect(error, `reply ${count}`).to.be.instanceOf(Error);
        for (const secret of all.split(' ')) expect(told, `reply ${count}`).to.not.include(secret);
      }
    });

    it('leaves no timer when the answer has ended', async () => {
      // Past the moment at which mocha starts its own timer.
      await nextMacrotask();
      const before = activeTimers();
      server().reply({ body: [hello] }, { body: [hello, STALL] }, refuses(500, {}));
      for (let count = 0; count < 3; count += 1) await ask(backendFor({ settleWithin: 5 }));
      expect(activeTimers()).to.equal(before);
    });
  });
}

describe('openAIBackend', () => {
  const server = withServer();
  const environment = process.env['OPENAI_API_KEY'];
  beforeEach(() => {
    delete process.env['OPENAI_API_KEY'];
  });
  afterEach(() => {
    if (environment !== undefined) process.env['OPENAI_API_KEY'] = environment;
    else delete process.env['OPENAI_API_KEY'];
  });

  it('makes its own client', async () => {
    server().reply({ body: [hello] });
    const backend = openAIBackend({ model: 'm', baseURL: server().url, apiKey: KEY, headers: { 'x-own': HEADER }, extraBody: { seed: 1 } });
    expect(await ask(backend)).to.deep.equal({ chunks: HELLO });
    expect(server().requests[0]).to.deep.include({ path: '/v1/chat/completions' });
    expect(server().requests[0]?.headers).to.include({ authorization: `Bearer ${KEY}`, 'x-own': HEADER });
    expect(server().requests[0]?.body).to.include({ seed: 1 });
  });

  it('takes the key from the environment', async () => {
    process.env['OPENAI_API_KEY'] = KEY;
    server().reply({ body: [hello] }, refuses(401, { error: { message: `wrong: ${KEY}` } }));
    const backend = openAIBackend({ model: 'm', baseURL: server().url });
    await ask(backend);
    expect(server().requests[0]?.headers.authorization).to.equal(`Bearer ${KEY}`);
    expect(inspect((await ask(backend)).error)).to.not.include(KEY);
  });

  it('asks a server of its own without a key', async () => {
    server().reply({ body: [hello] });
    expect(await ask(openAIBackend({ model: 'm', baseURL: server().url }))).to.deep.equal({ chunks: HELLO });
  });

  it('says that the key is missing where one is needed', async () => {
    const { tag, error } = await ask(openAIBackend({ model: 'm' }));
    expect(tag).to.equal('AuthenticationError');
    expect(error?.message).to.include('OPENAI_API_KEY');
  });

  it('reads refusals that the client would throw away', async () => {
    server().reply(refuses(422, { detail: [{ loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }] }), {
      body: [hello],
    });
    server().reply({ status: 422, headers: { 'content-type': 'text/plain' }, body: ['prompt too long'] });
    const backend = openAIBackend({ model: 'm', baseURL: server().url });
    expect(await ask(backend)).to.deep.equal({ chunks: HELLO });
    expect((await ask(backend)).error?.message).to.include('prompt too long');
  });

  it('asks with any client that resolves to a response', async () => {
    const asked: unknown[] = [];
    const create = (_body: unknown, { maxRetries }: { maxRetries: number }) => {
      asked.push(maxRetries);
      return { asResponse: () => Promise.resolve(new Response(hello)) };
    };
    const backend = openAIBackend({ model: 'm', client: { chat: { completions: { create } } } });
    expect(await ask(backend)).to.deep.equal({ chunks: HELLO });
    expect(asked).to.deep.equal([0]);
  });

  it('refuses a settleWithin that makes no sense', () => {
    for (const settleWithin of [-1, NaN, Infinity, 2 ** 31]) {
      expect(() => openAIBackend({ model: 'm', settleWithin }), String(settleWithin)).to.throw(ContractError, /settleWithin/);
    }
    for (const settleWithin of [0, 2 ** 31 - 1]) openAIBackend({ model: 'm', settleWithin });
  });

  it('passes on what a client throws', async () => {
    const client: ChatCompletionsClient = {
      chat: {
        completions: {
          create: () => {
            throw new TypeError('Invalid URL');
          },
        },
      },
    };
    const { tag, error } = await ask(openAIBackend({ model: 'm', client }));
    expect(tag).to.equal('BackendError');
    expect(error?.message).to.include('Invalid URL');
  });

  it('aborts a request of a client of your own at the end of its body, behind which a connection may be open', async () => {
    let signal: AbortSignal | undefined;
    const body = `data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`;
    const client: ChatCompletionsClient = {
      chat: {
        completions: {
          create: (_body, options) => {
            ({ signal } = options);
            return { asResponse: () => Promise.resolve(new Response(body)) };
          },
        },
      },
    };
    const { chunks } = await ask(openAIBackend({ model: 'm', client }));
    expect(chunks.map(({ type }) => type)).to.deep.equal(['text', 'finish']);
    expect(signal?.aborted).to.equal(true);
  });
});
