import { expect } from 'chai';
import { isRecord } from '../../lib/domain/is-record.js';

describe('isRecord', () => {
  it('takes objects, and neither lists nor null nor what is no object', () => {
    for (const value of [{}, { a: 1 }, Object.create(null), new Map()]) expect(isRecord(value)).to.equal(true);
    for (const value of [[], null, undefined, 'a', 1, () => 1]) expect(isRecord(value)).to.equal(false);
  });
});
