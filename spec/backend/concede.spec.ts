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
    expect(after(refusal('json_object: not supported'), { responseFormat: 'json_object' })).to.deep.equal({ responseFormat: 'none' });
    expect(after(refusal('response_format: not supported'), { responseFormat: 'none' })).to.equal(undefined);
  });

  it('gives up nothing twice, even where the body has it from elsewhere', () => {
    const conceded: Concessions = {
      streamOptions: 'none',
      maxTokens: 'max_completion_tokens',
      temperature: 'none',
      responseFormat: 'none',
    };
    const body = { ...bodyFor({}), temperature: 1 };
    expect(concede(refusal('unknown: temperature, max_tokens, stream_options, response_format'), body, conceded)).to.equal(undefined);
  });

  it('gives up what is named first, and before that the parameter in question', () => {
    const echo = 'stream_options not permitted in {"temperature":0.7,"max_tokens":5}';
    expect(after(refusal(echo))).to.deep.equal({ streamOptions: 'none' });
    expect(after(refusal(echo, 400, { param: 'temperature' }))).to.deep.equal({ temperature: 'none' });
    expect(
      after(refusal('', 422, { error: { detail: [{ loc: ['body', 'max_tokens'], msg: 'Extra inputs are not permitted' }] } })),
    ).to.deep.equal({
      maxTokens: 'max_completion_tokens',
    });
  });

  it('gives up nothing where a value is refused, or a name only mentioned', () => {
    const refusals = [
      refusal('max_tokens is too large: 100000. This model supports at most 4096 completion tokens', 400, { param: 'max_tokens' }),
      refusal("Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 5 instead.", 400, {
        param: 'temperature',
        code: 'decimal_above_max_value',
      }),
      refusal('temperature must be between 0 and 1; larger ones are not supported'),
      refusal('content policy violation in: what is the temperature'),
      refusal(`unknown words ${'in a long prompt '.repeat(9)} about temperature`),
    ];
    for (const error of refusals) expect(after(error), error.message).to.equal(undefined);
  });

  it('gives up what a code refuses', () => {
    expect(after(refusal('no', 400, { param: 'temperature', code: 'unsupported_value' }))).to.deep.equal({ temperature: 'none' });
  });

  it('gives up strictness before a schema, and only for this schema', () => {
    const schema = { type: 'object', properties: {}, required: [], additionalProperties: false };
    const strict = { messages: [], responseFormat: { name: 'a', schema } };
    const error = refusal("Invalid schema for response_format 'a': In context=(), 'default' is not permitted.", 400, {
      param: 'response_format',
    });
    const next = (conceded: Concessions) => concede(error, toRequestBody(strict, { model: 'm' }, conceded), conceded);
    expect(next({})).to.deep.equal({ schema: 'not strict' });
    expect(next({ schema: 'not strict' })).to.deep.equal({ schema: 'json_object' });
    expect(after(error)).to.deep.equal({ schema: 'json_object' });
    expect(after(refusal("Invalid schema for function 'look': response is not a type"))).to.equal(undefined);
  });

  it('gives up a format of which the type is unknown', () => {
    for (const message of [
      "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
      "Invalid value: 'json_schema'. Supported values are: 'text' and 'json_object'.",
      'This response_format type is unavailable now',
    ]) {
      expect(after(refusal(message)), message).to.deep.equal({ responseFormat: 'json_object' });
    }
  });

  it('gives up nothing for another reason', () => {
    expect(after(refusal('the context is too long'))).to.equal(undefined);
    expect(after(refusal('unknown temperature', 500))).to.equal(undefined);
    expect(after(new Error('unknown temperature'))).to.equal(undefined);
    expect(after('unknown temperature')).to.equal(undefined);
  });
});
