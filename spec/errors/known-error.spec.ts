import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import { isKnownError, type KnownError } from '../../lib/errors/known-error.js';
import { RateLimitError } from '../../lib/errors/rate-limit-error.js';

describe('isKnownError', () => {
  it('narrows to a union on the tag', () => {
    const error: unknown = new RateLimitError('slow down', { retryAfter: 2000 });
    if (!isKnownError(error)) throw new Error('It is not known.');
    expect(error._tag === 'RateLimitError' ? error.retryAfter : undefined).to.equal(2000);
    expectTypeOf<Extract<KnownError, { readonly _tag: 'RateLimitError' }>>().toEqualTypeOf<RateLimitError>();
    expectTypeOf<KnownError['_tag']>().not.toEqualTypeOf<string>();
  });

  it('knows no foreign error', () => {
    expect([new Error('x'), { _tag: 'RateLimitError' }, undefined].map(isKnownError)).to.deep.equal([false, false, false]);
  });
});
