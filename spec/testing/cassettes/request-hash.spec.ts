import { expect } from 'chai';
import * as fc from 'fast-check';
import { requestHash } from '../../../lib/testing/cassettes/request-hash.js';

describe('requestHash', () => {
  it('is cyrb53 in hexadecimal', () => {
    const published: Readonly<Record<string, number>> = {
      a: 7929297801672961,
      b: 8684336938537663,
      revenge: 4051478007546757,
      revenue: 8309097637345594,
    };
    for (const [text, value] of Object.entries(published)) expect(Number.parseInt(requestHash(text), 16), text).to.equal(value);
  });

  it('has 14 digits for any text', () => {
    fc.assert(fc.property(fc.string(), (text) => /^[0-9a-f]{14}$/.test(requestHash(text))));
  });
});
