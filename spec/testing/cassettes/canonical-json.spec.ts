import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Json } from '../../../lib/domain/json.js';
import { canonicalJson } from '../../../lib/testing/cassettes/canonical-json.js';

/** The same JSON with the keys of every object the other way round. */
const turned = (value: Json): Json => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(turned);
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, turned(item)] as const)
      .toReversed(),
  );
};

const anyJson = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);

describe('canonicalJson', () => {
  it('sorts keys at any depth and keeps the order of lists', () => {
    expect(canonicalJson({ b: [{ d: 1, c: null }, 'x'], a: true })).to.equal('{"a":true,"b":[{"c":null,"d":1},"x"]}');
  });

  it('does not depend on the order of keys', () => {
    fc.assert(fc.property(anyJson, (value) => canonicalJson(turned(value)) === canonicalJson(value)));
  });

  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(JSON.parse(canonicalJson(value))).to.deep.equal(value);
      }),
    );
  });
});
