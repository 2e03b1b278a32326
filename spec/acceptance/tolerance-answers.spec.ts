import { expect } from 'chai';
import * as t from 'io-ts';
import { generateStructured, type StructuredSignal } from '../../lib/backend/generate-structured.js';
import { openAIBackend } from '../../lib/backend/openai-backend.js';
import { Phi } from '../../lib/domain/purpose-score.js';
import { describeError } from '../../lib/errors/describe-error.js';
import { cuts } from '../support/cuts.js';
import { misbehavingServer, type MisbehavingServer } from '../support/misbehaving-server.js';
import { outcomeOf, type Outcome } from '../support/outcome.js';
import { DONE, finishes, says } from '../support/server-sent.js';

const Verdict = t.strict({ why: t.string, phi: Phi }, 'Verdict');
const verdict = { why: 'open', phi: 7 };
const json = JSON.stringify(verdict);
const refused = 'StructuredOutputError';

/** What a model answers in place of a JSON object, and what comes of it. */
const answers: Readonly<Record<string, readonly [answer: string, read: unknown]>> = {
  'an object in a fence': [`\`\`\`json\n${json}\n\`\`\``, verdict],
  'an object after prose': [`Here you are: ${json} I hope it helps.`, verdict],
  'an object twice': [`${json}\n${json}`, verdict],
  'an object after a decoy in its thoughts': [`<think>Maybe {"why":"shut","phi":1}?</think>${json}`, verdict],
  'an object after one that does not fit': [`{"why":1} ${json}`, verdict],
  'a trailing comma': ['{"why":"open","phi":7,}', refused],
  'a number in words': ['{"why":"open","phi":"seven"}', refused],
  'a number as text': ['{"why":"open","phi":"7"}', refused],
  'no number': ['{"why":"open","phi":NaN}', refused],
  'a number out of range': ['{"why":"open","phi":70}', refused],
  'too few fields': ['{"why":"open"}', refused],
  'too many fields': ['{"why":"open","phi":7,"more":[1,{"a":2}]}', verdict],
  'a prototype': ['{"why":"open","phi":7,"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}', verdict],
  'a list': ['[1,2,3]', refused],
  'prose alone': ['I would rather not.', refused],
  '10,000 levels': [`${'{"why":'.repeat(10_000)}1${'}'.repeat(10_000)}`, refused],
};

const readOf = ({ values, error }: Outcome<StructuredSignal<unknown>>): unknown => {
  const last = values.at(-1);
  if (error !== undefined) return describeError(error)._tag;
  return last?.type === 'value' ? last.value : last;
};

describe('models that answer with something like JSON', () => {
  let server: MisbehavingServer;
  before(async () => {
    server = await misbehavingServer();
  });
  after(() => server.close());

  for (const [what, [answer, read]] of Object.entries(answers)) {
    for (const [way, cut] of Object.entries(cuts)) {
      // A byte in a packet of its own says nothing more of 70,000 of them.
      if (answer.length > 10_000 && way === 'byte by byte') continue;
      it(`reads ${what}, ${way}`, async () => {
        const chunks = answer.match(/[^]{1,900}/g) ?? [];
        server.reply({ body: cut(Buffer.from(`${chunks.map(says).join('')}${finishes('stop')}${DONE}`)) });
        const backend = openAIBackend({ model: 'm', baseURL: server.url, apiKey: 'none' });
        const messages = [{ role: 'user' as const, content: 'How near is it?' }];
        expect(readOf(await outcomeOf(generateStructured(backend, { messages }, Verdict, { repairs: 0 })))).to.deep.equal(read);
        expect(({} as { polluted?: unknown }).polluted).to.equal(undefined);
      });
    }
  }
});
