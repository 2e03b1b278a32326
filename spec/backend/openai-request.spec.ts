import { expect } from 'chai';
import { toRequestBody } from '../../lib/backend/openai-request.js';
import type { LLMRequest } from '../../lib/backend/backend.js';
import type { JsonRecord } from '../../lib/domain/json.js';

const strictSchema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };
const bodyOf = (request: Partial<LLMRequest>, conceded = {}, extraBody = {}) =>
  toRequestBody({ messages: [], ...request }, { model: 'm', extraBody }, conceded);

const formatFor = (schema: JsonRecord) => bodyOf({ responseFormat: { name: 'An answer', schema } }).response_format;

describe('toRequestBody', () => {
  it('asks for a stream with its usage, with the default temperature and limit', () => {
    expect(bodyOf({})).to.deep.equal({
      model: 'm',
      messages: [],
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.7,
      max_tokens: 2048,
    });
  });

  it('sends what the request says', () => {
    const body = bodyOf({ temperature: 0, maxTokens: 5, stop: ['END'] });
    expect(body).to.deep.include({ temperature: 0, max_tokens: 5, stop: ['END'] });
  });

  it('sends no temperature where it is null', () => {
    expect(bodyOf({ temperature: null })).to.not.have.property('temperature');
  });

  it('writes messages as the wire has them', () => {
    const { messages } = bodyOf({
      messages: [
        { role: 'system', content: 's' },
        { role: 'user', content: 'u' },
        { role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'look', params: { at: 1 } }] },
        { role: 'tool', toolCallId: 'a', content: 'seen' },
        { role: 'assistant', content: 'done' },
      ],
    });
    expect(messages).to.deep.equal([
      { role: 'system', content: 's' },
      { role: 'user', content: 'u' },
      { role: 'assistant', content: null, tool_calls: [{ id: 'a', type: 'function', function: { name: 'look', arguments: '{"at":1}' } }] },
      { role: 'tool', tool_call_id: 'a', content: 'seen' },
      { role: 'assistant', content: 'done' },
    ]);
  });

  it('describes tools', () => {
    const parameters = { type: 'object', properties: {} };
    const { tools } = bodyOf({
      tools: [
        { name: 'look', description: 'Looks.', parameters },
        { name: 'wait', parameters },
      ],
    });
    expect(tools).to.deep.equal([
      { type: 'function', function: { name: 'look', description: 'Looks.', parameters } },
      { type: 'function', function: { name: 'wait', parameters } },
    ]);
  });

  it('asks for a strict schema only where the schema is strict', () => {
    expect(formatFor(strictSchema)).to.deep.equal({
      type: 'json_schema',
      json_schema: { name: 'An_answer', schema: strictSchema, strict: true },
    });
    expect(formatFor({ ...strictSchema, required: [] })).to.have.nested.property('json_schema.strict', false);
  });

  it('asks for no strict schema where the server did not take it as one', () => {
    const responseFormat = { name: 'a', schema: strictSchema };
    expect(bodyOf({ responseFormat }, { schema: 'not strict' }).response_format).to.have.nested.property('json_schema.strict', false);
    const inWords = bodyOf({ responseFormat }, { schema: 'json_object' });
    expect(inWords.response_format).to.deep.equal({ type: 'json_object' });
    expect(inWords.messages).to.have.length(1);
  });

  it('leaves out what the server does not take', () => {
    const responseFormat = { name: 'a', schema: strictSchema };
    expect(bodyOf({}, { streamOptions: 'none', temperature: 'none', maxTokens: 'max_completion_tokens' })).to.deep.equal({
      model: 'm',
      messages: [],
      stream: true,
      max_completion_tokens: 2048,
    });
    expect(bodyOf({ responseFormat }, { responseFormat: 'json_object' }).response_format).to.deep.equal({ type: 'json_object' });
    expect(bodyOf({ responseFormat }, { responseFormat: 'none' })).to.not.have.property('response_format');
  });

  for (const conceded of ['json_object', 'none'] as const) {
    it(`tells the schema in words where the server takes no schema but ${conceded}`, () => {
      const responseFormat = { name: 'a', schema: strictSchema };
      const words = `Answer with one JSON object that fits this JSON Schema, and nothing else:\n${JSON.stringify(strictSchema)}`;
      const user = { role: 'user', content: 'Hi' } as const;
      expect(bodyOf({ responseFormat, messages: [user] }, { responseFormat: conceded }).messages).to.deep.equal([
        { role: 'system', content: words },
        user,
      ]);
      const messages = [{ role: 'system', content: 'Be brief.' } as const, user];
      expect(bodyOf({ responseFormat, messages }, { responseFormat: conceded }).messages).to.deep.equal([
        { role: 'system', content: `Be brief.\n\n${words}` },
        user,
      ]);
      expect(bodyOf({ messages }, { responseFormat: conceded }).messages).to.deep.equal(messages);
    });
  }

  it('lets the extra fields win, but for the stream', () => {
    expect(bodyOf({}, {}, { max_tokens: 9, seed: 1, stream: false })).to.deep.include({ max_tokens: 9, seed: 1, stream: true });
  });
});
