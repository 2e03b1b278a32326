import { LLMock } from '@copilotkit/aimock';
import { expect } from 'chai';
import type { LLMBackend, LLMChunk } from '../../lib/backend/backend.js';
import { openAIBackend } from '../../lib/backend/openai-backend.js';
import { RateLimitError } from '../../lib/errors/rate-limit-error.js';
import { CLIENT_MAJORS } from '../support/openai-clients.js';
import { outcomeOf } from '../support/outcome.js';

const joined = (chunks: readonly LLMChunk[], type: 'text' | 'reasoning'): string =>
  chunks.map((chunk) => (chunk.type === type && 'text' in chunk ? chunk.text : '')).join('');

for (const { name, make } of CLIENT_MAJORS) {
  describe(`openAIBackend against aimock, ${name}`, () => {
    const mock = new LLMock({ port: 0 });
    before(() => mock.start());
    after(() => mock.stop());

    const backend = (): LLMBackend => openAIBackend({ model: 'gpt-4o', client: make({ baseURL: `${mock.url}/v1`, apiKey: 'mock' }) });
    const ask = (content: string) => outcomeOf(backend().stream({ messages: [{ role: 'user', content }] }));

    it('streams text in pieces, with usage and finish', async () => {
      const content = 'Every agent is a stream of events – 日本語 😀 included.';
      mock.onMessage('hello', { content });
      const { values, error } = await ask('hello');
      expect(error).to.equal(undefined);
      expect(joined(values, 'text')).to.equal(content);
      expect(values.filter(({ type }) => type === 'text').length).to.be.greaterThan(1);
      expect(values.slice(-2).map(({ type }) => type)).to.deep.equal(['usage', 'finish']);
      expect(values.at(-1)).to.deep.equal({ type: 'finish', reason: 'stop' });
    });

    it('tells reasoning from text', async () => {
      mock.onMessage('think', { content: 'So be it.', reasoning: 'Should it be?' });
      const { values } = await ask('think');
      expect(joined(values, 'reasoning')).to.equal('Should it be?');
      expect(joined(values, 'text')).to.equal('So be it.');
    });

    it('puts tool calls together', async () => {
      mock.onMessage('weather', {
        toolCalls: [
          { name: 'get_weather', arguments: '{"city":"Graz"}', id: 'call_a' },
          { name: 'get_time', arguments: '{"zone":"CET"}', id: 'call_b' },
        ],
      });
      const { values, error } = await ask('weather');
      expect(error).to.equal(undefined);
      expect(values.filter(({ type }) => type === 'tool_call')).to.deep.equal([
        { type: 'tool_call', id: 'call_a', name: 'get_weather', params: { city: 'Graz' } },
        { type: 'tool_call', id: 'call_b', name: 'get_time', params: { zone: 'CET' } },
      ]);
      expect(values.at(-1)).to.deep.equal({ type: 'finish', reason: 'tool_calls' });
    });

    it('tells a rate limit with its wait', async () => {
      mock.onMessage('busy', { error: { message: 'Slow down.', type: 'rate_limit_error' }, status: 429, retryAfter: 2 });
      const { error } = await ask('busy');
      expect(error).to.be.instanceOf(RateLimitError).with.property('retryAfter', 2000);
    });

    it('tells that nothing is known of a request', async () => {
      const { error } = await ask('something that nobody foresaw');
      expect(error).to.have.property('_tag', 'NotFoundError');
    });
  });
}
