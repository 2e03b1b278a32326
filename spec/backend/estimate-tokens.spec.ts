import { expect } from 'chai';
import { estimateInput, estimateTokens } from '../../lib/backend/estimate-tokens.js';

describe('estimateTokens', () => {
  it('takes four characters for a token, and what is left for one more', () => {
    expect([0, 1, 4, 5, 400].map(estimateTokens)).to.deep.equal([0, 1, 1, 2, 100]);
  });
});

describe('estimateInput', () => {
  it('takes nothing for nothing', () => {
    expect(estimateInput({ messages: [] })).to.equal(0);
  });

  it('takes messages, calls, tools and the schema for what they are in JSON', () => {
    const toolCalls = [{ id: '1', name: 'look', params: { at: 'door' } }];
    const tools = [{ name: 'look', parameters: { type: 'object' } }];
    const schema = { type: 'object' };
    const characters =
      'Be brief.'.length + 'Hm'.length + [toolCalls, tools, schema].reduce((sum, part) => sum + JSON.stringify(part).length, 0);
    const messages = [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'assistant' as const, content: 'Hm', toolCalls },
    ];
    expect(estimateInput({ messages, tools, responseFormat: { name: 'a', schema } })).to.equal(Math.ceil(characters / 4));
  });
});
