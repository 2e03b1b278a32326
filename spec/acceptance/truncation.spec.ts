import { expect } from 'chai';
import type { LLMBackend, LLMChunk } from '../../lib/backend/backend.js';
import { openAIBackend } from '../../lib/backend/openai-backend.js';
import { TruncatedError } from '../../lib/errors/truncated-error.js';
import { isEngineError } from '../../lib/errors/engine-error.js';
import { cuts, aMoment } from '../support/cuts.js';
import { FIN, misbehavingServer, RESET, type MisbehavingServer, type ReplyStep } from '../support/misbehaving-server.js';
import { outcomeOf, type Outcome } from '../support/outcome.js';
import { DONE, sent } from '../support/server-sent.js';

const words = ['Hm', 'ü👋.'];
/** As short as it may be: each of its bytes costs a request. */
const chunk = (choice: object): string => sent({ choices: [choice] });
const call = { id: 'a', function: { name: 'look', arguments: '{}' } };
const finish = chunk({ finish_reason: 'stop' });
const spoken = words.map((content) => chunk({ delta: { content } })).join('');
const good = Buffer.from(`${spoken}${chunk({ delta: { tool_calls: [call] } })}${finish}${DONE}`);
/** From here on the finish has been read: its line is whole. */
const finished = good.indexOf(Buffer.from(finish)) + Buffer.from(finish).length - 2;

/** How the connection ends in the middle. */
const ends: Readonly<Record<string, (bytes: Uint8Array) => ReplyStep[]>> = {
  'a clean end': (bytes) => [bytes],
  'a FIN': (bytes) => [bytes, aMoment, FIN],
  'a RST': (bytes) => [bytes, aMoment, RESET],
};

const textOf = (values: readonly LLMChunk[]): string => values.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join('');

describe('an answer that is cut', () => {
  let server: MisbehavingServer;
  let backend: LLMBackend;
  before(async () => {
    server = await misbehavingServer();
    backend = openAIBackend({ model: 'm', baseURL: server.url, apiKey: 'none' });
  });
  after(() => server.close());

  const read = (): Promise<Outcome<LLMChunk>> => outcomeOf(backend.stream({ messages: [{ role: 'user', content: 'Hello' }] }));

  const whole = async (): Promise<Outcome<LLMChunk>> => {
    server.reply({ body: [good] });
    return read();
  };

  for (const [end, bodyOf] of Object.entries(ends)) {
    it(`at every byte by ${end} is an error that keeps its text, unless a finish was read`, async () => {
      const { values: all } = await whole();
      expect(all.map(({ type }) => type)).to.deep.equal(['text', 'text', 'tool_call', 'finish']);
      for (let length = 0; length < good.length; length += 1) {
        server.reply({ body: bodyOf(good.subarray(0, length)) });
        const { values, error } = await read();
        const at = `cut at ${length} of ${good.length}`;
        if (length >= finished) {
          expect({ values, error }, at).to.deep.equal({ values: all, error: undefined });
          continue;
        }
        expect(
          values.map(({ type }) => type),
          at,
        ).to.not.include.members(['tool_call', 'finish']);
        expect(isEngineError(error) && error.isRetryable, at).to.equal(true);
        expect(words.join('').startsWith(textOf(values)), at).to.equal(true);
        if (textOf(values) !== '') {
          expect(error, at).to.be.instanceOf(TruncatedError);
          expect((error as TruncatedError).partial, at).to.equal(textOf(values));
        }
      }
    });
  }

  it('into two packets anywhere, or into many, gives the same chunks', async () => {
    const { values: all } = await whole();
    for (let at = 1; at < good.length; at += 1) {
      server.reply({ body: [good.subarray(0, at), aMoment, good.subarray(at)] });
      expect(await read(), `cut at ${at}`).to.deep.equal({ values: all });
    }
    for (const cut of Object.values(cuts)) {
      server.reply({ body: cut(good) });
      expect(await read()).to.deep.equal({ values: all });
    }
  });
});
