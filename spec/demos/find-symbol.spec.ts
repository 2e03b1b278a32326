import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { lastValueFrom, toArray } from 'rxjs';
import { standInModel } from '../../demos/find-symbol/stand-in-model.js';
import { ChatMessage, decode } from 'purpose-rx';
import * as t from 'io-ts';
import { writeFixture, type Fixture } from './fixture.js';
import { buildDemos, runDemo, type DemoOutcome } from './run-demo.js';

const ESCAPE = '\u001b';

/** `path:line` of the first line of a file that begins with a text. */
const placeOf = (path: string, beginning: string): string => {
  const index = readFileSync(path, 'utf8')
    .split('\n')
    .findIndex((line) => line.startsWith(beginning));
  expect(index, `${beginning} in ${path}`).to.be.at.least(0);
  return `${path}:${index + 1}`;
};

const linesOf = ({ stdout }: DemoOutcome, label: string): readonly string[] =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith(`  ${label} `))
    .map((line) => line.slice(label.length + 3).trim());

describe('npm run demo', () => {
  let fixture: Fixture;

  before(async () => {
    fixture = writeFixture();
    await buildDemos();
  });

  after(() => {
    fixture.remove();
  });

  it('finds createOrchestrator in lib, and shows file, line and the totals in plain lines', async () => {
    const outcome = await runDemo(['where is createOrchestrator defined?', 'lib'], { isFromSource: true });
    const place = placeOf('lib/orchestrator/orchestrator.ts', 'export function createOrchestrator');
    expect(linesOf(outcome, 'evidence')[0]).to.match(new RegExp(`^${place} │ export function createOrchestrator`));
    expect(linesOf(outcome, 'answer')[0]).to.include(`:${place.split(':')[1]}`);
    expect(linesOf(outcome, 'model')[0]).to.match(/^a stand-in for a model.* neither OPENAI_API_KEY nor OPENAI_BASE_URL is set$/);
    expect(linesOf(outcome, 'does')[0]).to.include('list_files() ∥ search_text(');
    expect(linesOf(outcome, 'Φ').at(-1)).to.match(/^▰{10} 10\.0 of 10/);
    expect(linesOf(outcome, 'totals')[0]).to.match(
      /2 scored steps, 5 requests; about [\d,]+ tokens in, [\d,]+ out; .* s, reward \+10\.00, steps that improved: 2 of 2, Φ 10\.0$/,
    );
    // One thought, one line.
    expect(linesOf(outcome, 'thinks')).to.have.lengthOf(3);
    expect(outcome.stdout).to.not.include(ESCAPE);
    expect(outcome.stderr).to.equal('');
    expect(outcome.status).to.equal(0);
  });

  it('finds another symbol in another folder, asked for by its bare name', async () => {
    const outcome = await runDemo(['Server.Serve', fixture.folder]);
    expect(linesOf(outcome, 'evidence')).to.deep.equal([
      `${fixture.folder}/${fixture.places.get('Serve')} │ func (s *Server) Serve(address string) error {`,
    ]);
    expect(outcome.status).to.equal(0);
  });

  it('ends honestly on a symbol that does not exist', async () => {
    const outcome = await runDemo(['where is doesNotExist defined?', fixture.folder]);
    expect(linesOf(outcome, 'answer')[0]).to.match(/^doesNotExist was not found: I searched \d+ files/);
    expect(linesOf(outcome, 'evidence')).to.deep.equal([]);
    expect(linesOf(outcome, 'Φ').at(-1)).to.match(/ 0\.0 of 10/);
    expect(outcome.status).to.equal(1);
  });

  it('says at the door that a folder is missing', async () => {
    const outcome = await runDemo(['x', '/no/such/folder']);
    expect(outcome.stderr).to.match(/^There is no folder \/no\/such\/folder\.\nUsage: npm run demo/);
    expect(outcome.stdout).to.equal('');
    expect(outcome.status).to.equal(2);
  });

  it('says at the door that a file is no folder', async () => {
    const [file, under] = await Promise.all([runDemo(['x', 'package.json']), runDemo(['x', 'package.json/lib'])]);
    expect(file.stderr).to.match(/^package\.json is no folder\.\nUsage: npm run demo/);
    expect(under.stderr).to.match(/^There is no folder package\.json\/lib\.\nUsage/);
    expect([file.status, under.status]).to.deep.equal([2, 2]);
  });

  it('prints its usage where that is asked for', async () => {
    const outcomes = await Promise.all([runDemo(['--help']), runDemo(['x', '-h'])]);
    for (const { status, stdout, stderr } of outcomes) {
      expect(stdout).to.match(/^Usage: npm run demo/);
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    }
  });

  it('refuses options that it does not have', async () => {
    const outcome = await runDemo(['--verbose', 'lib']);
    expect(outcome.stderr).to.match(/^There is no option --verbose\.\nUsage: npm run demo/);
    expect(outcome.status).to.equal(2);
  });

  it('cancels the run on SIGINT and tells that a request was torn down', async () => {
    let hasSent = false;
    const outcome = await runDemo(['createOrchestrator', 'lib'], {
      env: { DEMO_PACE: '100' },
      onOutput: (stdout, child) => {
        if (hasSent || !stdout.includes('step 1')) return;
        hasSent = true;
        child.kill('SIGINT');
      },
    });
    expect(linesOf(outcome, 'ends')).to.deep.equal(['cancelled: Ctrl-C']);
    expect(linesOf(outcome, 'torn down')).to.deep.equal(['1 request and 0 tools in mid-work; nothing is left running']);
    expect(outcome.status).to.equal(130);
  });

  it('aborts tools in mid-work on SIGINT', async () => {
    let hasSent = false;
    const outcome = await runDemo(['createOrchestrator', 'node_modules'], {
      onOutput: (stdout, child) => {
        if (hasSent || !stdout.includes('search_text is at work')) return;
        hasSent = true;
        child.kill('SIGINT');
      },
    });
    expect(linesOf(outcome, 'torn down')[0]).to.match(/^0 requests and [12] tools? in mid-work/);
    expect(outcome.status).to.equal(130);
  });

  it('ends in silence where nobody reads on', async () => {
    const outcome = await runDemo(['createOrchestrator', 'lib'], {
      env: { DEMO_PACE: '20' },
      onOutput: (_stdout, child) => {
        child.stdout.destroy();
      },
    });
    expect(outcome.stderr).to.equal('');
    expect(outcome.status).to.equal(0);
  });

  describe('with a server', () => {
    const Body = t.type({ model: t.string, messages: t.array(ChatMessage) });
    let server: Server;
    let status: number;
    let models: string[];

    /** Speaks as OpenAI does; what it says is the stand-in's. */
    before((done) => {
      server = createServer((request, response) => {
        void (async () => {
          const chunks: Uint8Array[] = [];
          for await (const chunk of request) chunks.push(chunk as Uint8Array);
          const decoded = decode(Body, JSON.parse(Buffer.concat(chunks).toString()));
          if (status !== 200 || decoded._tag === 'Left') {
            response.writeHead(status === 200 ? 400 : status, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}');
            return;
          }
          models.push(decoded.right.model);
          const answer = await lastValueFrom(standInModel({ pace: 0 }).stream(decoded.right).pipe(toArray()));
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          for (const chunk of answer) {
            if (chunk.type === 'text') response.write(`data: ${JSON.stringify({ choices: [{ delta: { content: chunk.text } }] })}\n\n`);
          }
          response.end(`data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`);
        })();
      });
      server.listen(0, '127.0.0.1', done);
    });

    beforeEach(() => {
      status = 200;
      models = [];
    });

    after((done) => {
      server.close(done);
    });

    const env = () => ({
      OPENAI_API_KEY: 'sk-secret-secret-secret',
      OPENAI_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
      MODEL: 'some-model',
    });

    it('asks for gpt-5-mini where no model is named, and reports the tokens as counted', async () => {
      const { OPENAI_BASE_URL } = env();
      const outcome = await runDemo(['push_back', fixture.folder], { env: { OPENAI_BASE_URL } });
      expect(linesOf(outcome, 'model')[0]).to.match(/^gpt-5-mini at /);
      expect(linesOf(outcome, 'totals')[0]).to.match(/ requests; [\d,]+ tokens in/);
    });

    it('asks the model there', async () => {
      const outcome = await runDemo(['push_back', fixture.folder], { env: env() });
      expect(linesOf(outcome, 'model')[0]).to.match(/^some-model at 127\.0\.0\.1:\d+$/);
      expect(linesOf(outcome, 'evidence')[0]).to.include(fixture.places.get('push_back'));
      expect(models).to.deep.equal(Array.from({ length: 5 }, () => 'some-model'));
      expect(outcome.status).to.equal(0);
    });

    it('tells of a failure by its tag, without the key', async () => {
      status = 401;
      const outcome = await runDemo(['push_back', fixture.folder], { env: env() });
      expect(linesOf(outcome, 'failed')[0]).to.match(/^AuthenticationError: /);
      expect(outcome.stdout + outcome.stderr).to.not.include('sk-secret');
      expect(outcome.stderr).to.equal('');
      expect(outcome.status).to.equal(1);
    });
  });
});
