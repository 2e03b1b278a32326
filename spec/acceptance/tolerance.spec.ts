import { expect } from 'chai';
import type { LLMChunk } from '../../lib/backend/backend.js';
import { openAIBackend } from '../../lib/backend/openai-backend.js';
import { describeError } from '../../lib/errors/describe-error.js';
import { cuts } from '../support/cuts.js';
import { misbehavingServer, STALL, type MisbehavingServer, type ReplyStep } from '../support/misbehaving-server.js';
import { outcomeOf, type Outcome } from '../support/outcome.js';
import { DONE } from '../support/server-sent.js';
import { toleranceCases, type Read } from '../support/tolerance-cases.js';

const joined = (values: readonly LLMChunk[], type: 'text' | 'reasoning'): string =>
  values.map((chunk) => (chunk.type === type ? chunk.text : '')).join('');

/** What was read of an answer, without what it does not have. */
const readOf = ({ values: heard, error }: Outcome<LLMChunk>): Read => {
  const values = heard.slice(heard.findLastIndex(({ type }) => type === 'restart') + 1);
  const [text, reasoning] = [joined(values, 'text'), joined(values, 'reasoning')];
  const calls = values.flatMap((chunk): [string, object][] => (chunk.type === 'tool_call' ? [[chunk.name, chunk.params]] : []));
  const usages = values.flatMap((chunk): [number, number][] =>
    chunk.type === 'usage' ? [[chunk.usage.inputTokens, chunk.usage.outputTokens]] : [],
  );
  const finishes = values.flatMap((chunk) => (chunk.type === 'finish' ? [chunk.reason] : []));
  expect(usages.length, 'usages').to.be.at.most(1);
  expect(finishes.length, 'finishes').to.be.at.most(1);
  return {
    ...(text !== '' && { text }),
    ...(reasoning !== '' && { reasoning }),
    ...(calls.length > 0 && { calls }),
    ...(usages[0] !== undefined && { usage: usages[0] }),
    ...(finishes[0] !== undefined && { finish: finishes[0] }),
    ...(error !== undefined && { error: describeError(error)._tag }),
  };
};

/** Longer than a test may take, in milliseconds. */
const NEVER = 60_000;

describe('servers that call themselves OpenAI-compatible', () => {
  let server: MisbehavingServer;
  before(async () => {
    server = await misbehavingServer();
  });
  after(() => server.close());

  const read = async (settleWithin: number): Promise<Read> => {
    const backend = openAIBackend({ model: 'm', baseURL: server.url, apiKey: 'none', settleWithin });
    return readOf(await outcomeOf(backend.stream({ messages: [{ role: 'user', content: 'Hello' }] })));
  };

  for (const [kind, cases] of Object.entries(toleranceCases)) {
    describe(kind, () => {
      for (const [member, { body, headers, end, read: expected }] of Object.entries(cases)) {
        for (const [way, cut] of Object.entries(cuts)) {
          it(`reads ${member}, ${way}`, async () => {
            const bytes = typeof body === 'string' ? Buffer.from(body) : body;
            const steps: ReplyStep[] = end === undefined ? cut(bytes) : [...cut(bytes), end];
            server.reply({ ...(headers !== undefined && { headers }), body: steps });
            // Where the end is told nobody waits, and where nothing more comes it is worth not to.
            const isEndless = end === STALL && !Buffer.from(bytes).includes(DONE);
            expect(await read(isEndless ? 30 : NEVER)).to.deep.equal(expected);
          });
        }
      }
    });
  }
});
