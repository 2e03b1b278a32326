import { createContext, runInContext } from 'node:vm';
import { expect } from 'chai';
import * as fc from 'fast-check';
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
    [runInContext("new TypeError('too far')", createContext()), 'too far'],
    [{ name: 'HttpError', message: 'it broke' }, 'it broke'],
    [{ name: 'HttpError', message: '' }, 'HttpError'],
    [{ message: 'it broke', code: 5 }, '{"message":"it broke","code":5}'],
    [Object.assign(new Error('x'), { message: new Error('inner') }), 'inner'],
    [Object.assign(new Error(''), { name: 5 }), 'Error'],
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
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(errorText(proxy)).to.equal('[object Object]');
    const itself = new Error('x');
    expect(errorText(Object.assign(itself, { message: itself }))).to.be.a('string');
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

  it('describes an error of another realm, and what looks like one', () => {
    const foreign: unknown = runInContext("new RangeError('too far')", createContext());
    expect(describeError(foreign)).to.deep.equal({ _tag: 'RangeError', message: 'too far', isRetryable: false });
    expect(describeError({ name: 'HttpError', message: 'it broke', isRetryable: true })).to.deep.equal({
      _tag: 'HttpError',
      message: 'it broke',
      isRetryable: false,
    });
  });

  it('has the tag Error where the name is no text', () => {
    for (const name of [5, Symbol('x'), null, ''])
      expect(describeError(Object.assign(new Error('x'), { name }))).to.deep.equal({ _tag: 'Error', message: 'x', isRetryable: false });
  });

  it('keeps the tag of an error of another copy of this library', () => {
    const other = Object.assign(new Error('x'), { [Symbol.for('purpose-rx/error')]: true, _tag: 'LaterError', isRetryable: true });
    expect(describeError(other)).to.deep.equal({ _tag: 'LaterError', message: 'x', isRetryable: true });
  });

  it('is JSON for errors of another copy of this library too, whatever they hold', () => {
    const other = Object.assign(new Error('x'), { [Symbol.for('purpose-rx/error')]: true, _tag: 5, isRetryable: 'yes' });
    expect(describeError(other)).to.deep.equal({ _tag: 'Error', message: 'x', isRetryable: false });
  });

  it('is JSON for whatever is thrown', () => {
    const part = fc.option(fc.anything({ withNullPrototype: true, withBigInt: true }), { nil: undefined });
    const thrown = fc.oneof(
      fc.anything({ withNullPrototype: true, withBigInt: true }),
      fc.record({ name: part, message: part }),
      fc.record({ name: part, message: part, stack: part, cause: part }).map((parts) => Object.assign(new Error('x'), parts)),
    );
    fc.assert(
      fc.property(thrown, (error) => {
        const description = describeError(error);
        expect(JSON.parse(JSON.stringify(description))).to.deep.equal(description);
        expect(description).to.have.all.keys('_tag', 'message', 'isRetryable');
      }),
    );
  });
});
