import { expect } from 'chai';
import { concede } from '../../lib/backend/concede.js';
import { toRequestBody, type Concessions } from '../../lib/backend/openai-request.js';

const request = { messages: [], responseFormat: { name: 'a', schema: {} } };
const bodyFor = (conceded: Concessions) => toRequestBody(request, { model: 'm' }, conceded);
const refusal = (message: string, status = 400, more: object = {}): Error => Object.assign(new Error(message), { status, ...more });
const after = (error: unknown, conceded: Concessions = {}): Concessions | undefined => concede(error, bodyFor(conceded), conceded);

describe('concede', () => {
  it('gives up what a refusal names', () => {
    expect(after(refusal('unknown field stream_options', 422))).to.deep.equal({ streamOptions: 'none' });
    expect(after(refusal("Use 'max_completion_tokens' instead."))).to.deep.equal({ maxTokens: 'max_completion_tokens' });
    expect(after(refusal('temperature does not support 0.7'))).to.deep.equal({ temperature: 'none' });
    expect(after(refusal('response_format is unavailable'))).to.deep.equal({ responseFormat: 'json_object' });
  });

  it('gives up formats in two steps', () => {
    expect(after(refusal('json_object: no'), { responseFormat: 'json_object' })).to.deep.equal({ responseFormat: 'none' });
    expect(after(refusal('response_format: no'), { responseFormat: 'none' })).to.equal(undefined);
  });

  it('gives up nothing twice, even where the body has it from elsewhere', () => {
    const conceded: Concessions = {
      streamOptions: 'none',
      maxTokens: 'max_completion_tokens',
      temperature: 'none',
      responseFormat: 'none',
    };
    const body = { ...bodyFor({}), temperature: 1 };
    expect(concede(refusal('temperature, max_tokens, stream_options, response_format'), body, conceded)).to.equal(undefined);
  });

  it('gives up what is named first, and before that the parameter in question', () => {
    const echo = 'stream_options not permitted in {"temperature":0.7,"max_tokens":5}';
    expect(after(refusal(echo))).to.deep.equal({ streamOptions: 'none' });
    expect(after(refusal(echo, 400, { param: 'temperature' }))).to.deep.equal({ temperature: 'none' });
    expect(after(refusal('', 422, { error: { detail: [{ loc: ['body', 'max_tokens'] }] } }))).to.deep.equal({
      maxTokens: 'max_completion_tokens',
    });
  });

  it('gives up nothing for another reason', () => {
    expect(after(refusal('the context is too long'))).to.equal(undefined);
    expect(after(refusal('temperature', 500))).to.equal(undefined);
    expect(after(new Error('temperature'))).to.equal(undefined);
    expect(after('temperature')).to.equal(undefined);
  });
});
