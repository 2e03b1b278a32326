import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Json } from '../../../lib/domain/json.js';
import { canonicalJson } from '../../../lib/testing/cassettes/canonical-json.js';
import { differenceText, requestDifferences } from '../../../lib/testing/cassettes/request-differences.js';

const textsOf = (recorded: Json, asked: Json): readonly string[] => requestDifferences(recorded, asked).map(differenceText);

const anyJson = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);

describe('requestDifferences', () => {
  it('names the path and both values', () => {
    const recorded = { messages: [{ content: 'open?' }], temperature: 0.3, stop: ['x'] };
    const asked = { messages: [{ content: 'shut?' }], stop: ['x'], maxTokens: 5 };
    expect(textsOf(recorded, asked)).to.deep.equal([
      '/messages/0/content: recorded "open?", asked "shut?"',
      '/temperature: recorded 0.3, asked nothing',
      '/maxTokens: recorded nothing, asked 5',
    ]);
  });

  it('takes what is missing whole', () => {
    expect(textsOf({ a: [1, { b: 2 }] }, { a: [1] })).to.deep.equal(['/a/1: recorded {"b":2}, asked nothing']);
    expect(textsOf({ a: { b: 1 } }, { a: [1] })).to.deep.equal(['/a: recorded {"b":1}, asked [1]']);
    expect(textsOf(1, 2)).to.deep.equal(['/: recorded 1, asked 2']);
  });

  it('shows long texts around their first difference', () => {
    const [before, after] = ['0123456789'.repeat(4), 'abcdefghij'.repeat(9)];
    expect(textsOf({ text: `${before}open${after}` }, { text: `${before}shut` })).to.deep.equal([
      `/text: recorded "…${before.slice(20)}open${after.slice(0, 36)}…", asked "…${before.slice(20)}shut"`,
    ]);
    expect(textsOf({ text: 'one' }, { text: 'one more' })).to.deep.equal(['/text: recorded "one", asked "one more"']);
  });

  it('is empty for equal values, and for no others', () => {
    fc.assert(
      fc.property(anyJson, anyJson, (one, other) => {
        expect(requestDifferences(one, structuredClone(one))).to.deep.equal([]);
        expect(requestDifferences(one, other).length === 0).to.equal(canonicalJson(one) === canonicalJson(other));
      }),
    );
  });
});
