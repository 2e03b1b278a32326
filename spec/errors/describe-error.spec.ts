import { expect } from 'chai';
import { describeError, errorText } from '../../lib/errors/describe-error.js';
import { RateLimitError } from '../../lib/errors/rate-limit-error.js';

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;

describe('errorText', () => {
  const texts: readonly (readonly [thrown: unknown, text: string])[] = [
    [new Error('it broke'), 'it broke'],
    [new TypeError(), 'TypeError'],
    ['it broke', 'it broke'],
    [{ code: 5 }, '{"code":5}'],
    [undefined, 'undefined'],
    [null, 'null'],
    [Symbol('x'), 'Symbol(x)'],
    [10n, '[object BigInt]'],
    [cyclic, '[object Object]'],
    [Object.assign(new Error('x'), { message: { code: 5 } }), '{"code":5}'],
    [new Error('with sk-0123456789abcdef'), 'with [redacted]'],
    ['with sk-0123456789abcdef', 'with [redacted]'],
    [{ apiKey: '0123456789abcdef' }, '{"apiKey":"[redacted]"}'],
  ];
  for (const [thrown, text] of texts) {
    it(`is ${JSON.stringify(text)} for ${Object.prototype.toString.call(thrown)}`, () => {
      expect(errorText(thrown)).to.equal(text);
    });
  }

  it('never throws, not even for what cannot be read', () => {
    const hostile = Object.defineProperty(new Error('x'), 'message', {
      get: () => {
        throw new Error('no looking');
      },
    });
    expect(errorText(hostile)).to.equal('[object Error]');
  });
});

describe('describeError', () => {
  it('keeps tag and retryability of the errors of this library', () => {
    expect(describeError(new RateLimitError('slow down', { retryAfter: 10 }))).to.deep.equal({
      _tag: 'RateLimitError',
      message: 'slow down',
      isRetryable: true,
    });
  });

  it('has the name of a foreign error for a tag', () => {
    expect(describeError(new RangeError('too far'))).to.deep.equal({ _tag: 'RangeError', message: 'too far', isRetryable: false });
  });

  it('describes what is no error', () => {
    expect(describeError('it broke')).to.deep.equal({ _tag: 'Error', message: 'it broke', isRetryable: false });
    expect(describeError(undefined)).to.deep.equal({ _tag: 'Error', message: 'undefined', isRetryable: false });
  });
});
