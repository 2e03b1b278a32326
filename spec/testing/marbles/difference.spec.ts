import { expect } from 'chai';
import * as fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { firstDifference } from '../../../lib/testing/marbles/difference.js';
import { showValue } from '../../../lib/testing/marbles/show-value.js';
import { NetworkError } from '../../../lib/errors/network-error.js';

const loop = (name: string): object => {
  const value: { name: string; self?: object } = { name };
  value.self = value;
  return value;
};

describe('firstDifference', () => {
  for (const [expected, actual, difference] of [
    [1, 2, 'expected 1, got 2'],
    [{ a: { b: [1, 2] } }, { a: { b: [1, 3] } }, '/a/b/1: expected 2, got 3'],
    [{ a: 1 }, {}, '/a: expected 1, got nothing'],
    [{}, { a: 1 }, '/a: expected nothing, got 1'],
    [{ a: undefined }, {}, '/a: expected undefined, got nothing'],
    [[1], [1, 2], '/1: expected nothing, got 2'],
    [[], {}, 'expected [], got {}'],
    [null, {}, 'expected null, got {}'],
    [0, -0, 'expected 0, got -0'],
    [new Error('a'), new Error('b'), '/message: expected "a", got "b"'],
    [new TypeError('a'), new Error('a'), '/name: expected "TypeError", got "Error"'],
    [new NetworkError('a'), new NetworkError('a', { isRetryable: false }), '/isRetryable: expected true, got false'],
    [new Date(0), new Date(1), 'expected "1970-01-01T00:00:00.000Z", got "1970-01-01T00:00:00.001Z"'],
    [new Map([['a', 1]]), new Map([['a', 2]]), '/0/1: expected 1, got 2'],
    [new Set([1]), new Set([2]), 'expected {"Set":[1]}, got {"Set":[2]}'],
    [new AggregateError([new Error('a')], 'x'), new AggregateError([new Error('b')], 'x'), '/errors/0/message: expected "a", got "b"'],
    [new ArrayBuffer(1), new ArrayBuffer(1), 'expected {}, got {}'],
    [new URLSearchParams('a=1'), new URLSearchParams('a=2'), 'expected {}, got {}'],
    [{ [Symbol.for('s')]: 1 }, { [Symbol.for('s')]: 2 }, '/Symbol(s): expected 1, got 2'],
    [loop('a'), { name: 'a', self: { name: 'a', self: { name: 'b' } } }, '/self/self/name: expected "a", got "b"'],
    [loop('a'), loop('b'), '/name: expected "a", got "b"'],
  ] as const) {
    it(`of ${showValue(expected)} and ${showValue(actual)} is ${difference}`, () => {
      expect(firstDifference(expected, actual)).to.equal(difference);
    });
  }

  for (const [name, make] of [
    ['dates', () => new Date(5)],
    ['loops', () => loop('a')],
    ['errors', () => new NetworkError('a')],
    ['maps in sets', () => new Set([new Map([[{ a: 1 }, [2]]])])],
    ['NaN', () => Number.NaN],
    ['patterns', () => /a/g],
    ['typed arrays', () => new Uint8Array([1, 2])],
  ] as const) {
    it(`is none between equal ${name}`, () => {
      expect(firstDifference(make(), make())).to.equal(undefined);
    });
  }

  it('is none between sets of the same, in whatever order', () => {
    expect(firstDifference(new Set([1, { a: 1 }]), new Set([{ a: 1 }, 1]))).to.equal(undefined);
    expect(firstDifference(new Set([1, 2]), new Set([1]))).to.not.equal(undefined);
  });

  it('asks in part only for what is named, and for lists as long', () => {
    expect(firstDifference({ a: { b: 1 } }, { a: { b: 1, c: 2 }, d: 3 }, 'part')).to.equal(undefined);
    expect(firstDifference({ a: [{ b: 1 }] }, { a: [{ b: 1, c: 2 }] }, 'part')).to.equal(undefined);
    expect(firstDifference({ a: [{ b: 1 }] }, { a: [{ b: 1 }, { b: 2 }] }, 'part')).to.equal('/a/1: expected nothing, got {"b":2}');
    expect(firstDifference({ a: 1, e: 2 }, { a: 1 }, 'part')).to.equal('/e: expected 2, got nothing');
    expect(firstDifference({ a: 1, e: undefined }, { a: 1 }, 'part')).to.equal(undefined);
  });

  it('is there exactly where values are not equal', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(value, value, (one, other) => {
        expect(firstDifference(one, other) === undefined).to.equal(isDeepStrictEqual(one, other));
        expect(firstDifference(one, structuredClone(one))).to.equal(undefined);
      }),
    );
  });
});

describe('showValue', () => {
  for (const [value, text] of [
    [undefined, 'undefined'],
    ['a', '"a"'],
    [Number.NaN, 'NaN'],
    [{ a: Number.POSITIVE_INFINITY, b: () => 1, c: 1n }, '{"a":"Infinity","b":"[function b]","c":"1"}'],
    [new NetworkError('down'), 'NetworkError: down'],
    [{ error: new Error('x') }, '{"error":"Error: x"}'],
    [new Map([[1, 2]]), '{"Map":[[1,2]]}'],
    [loop('a'), '{"name":"a","self":"[circular]"}'],
    [{ a: { x: 1 }, b: { x: 1 } }, '{"a":{"x":1},"b":{"x":1}}'],
  ] as const) {
    it(`writes ${text}`, () => {
      expect(showValue(value)).to.equal(text);
    });
  }

  it('writes what is there twice, twice, and never throws', () => {
    const shared = { a: 1 };
    expect(showValue([shared, shared])).to.equal('[{"a":1},{"a":1}]');
    expect(
      showValue({
        toJSON: () => {
          throw new Error('no');
        },
      }),
    ).to.equal('[object Object]');
  });
});
