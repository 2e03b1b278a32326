import { expect } from 'chai';
import { left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { decode, faultsOf } from '../../lib/domain/decode.js';
import { objectCodec } from '../../lib/domain/object-codec.js';

interface Tree {
  readonly name: string;
  readonly children?: readonly Tree[];
}

const Tree: t.Type<Tree> = t.recursion('Tree', () => objectCodec('Tree', { name: t.string }, { children: t.readonlyArray(Tree) }));
const Even = t.refinement(t.number, (value) => value % 2 === 0, 'Even');

describe('decode', () => {
  it('gives the value of what decodes, without what the codec does not know', () => {
    expect(decode(objectCodec('Point', { x: t.number }), { x: 1, y: 2 })).to.deep.equal(right({ x: 1 }));
  });

  it('does not treat a property missing as one that is empty', () => {
    const Optional = objectCodec('Optional', {}, { x: t.number });
    expect(decode(Optional, {})).to.deep.equal(right({}));
    expect(decode(Optional, { x: null })).to.deep.equal(left(['/x: expected number, got null']));
  });

  const Point = objectCodec('Point', { x: t.number }, { y: t.number });
  const faults: readonly (readonly [what: string, codec: t.Mixed, value: unknown, report: readonly string[]])[] = [
    ['the value itself', t.string, 5, ['/: expected string, got 5']],
    ['a value that is missing', t.type({ a: t.string }), {}, ['/a: expected string, got nothing']],
    [
      'several properties',
      t.type({ a: t.string, b: t.string }),
      { a: 1 },
      ['/a: expected string, got 1', '/b: expected string, got nothing'],
    ],
    ['an intersection', Point, { x: 'a', y: 'b' }, ['/x: expected number, got "a"', '/y: expected number, got "b"']],
    ['an object that is none', Point, 5, ['/: expected Point, got 5']],
    ['an element of a list', t.array(t.string), ['a', 5], ['/1: expected string, got 5']],
    ['an element of a list in an intersection', t.readonlyArray(Point), [{ x: 1 }, { x: 'a' }], ['/1/x: expected number, got "a"']],
    ['an element of a tuple', t.tuple([t.string, t.number]), ['a', 'b'], ['/1: expected number, got "b"']],
    ['a value of a record', t.record(t.string, t.number), { 7: 'a' }, ['/7: expected number, got "a"']],
    ['both sides of a union', t.union([t.string, t.null]), 5, ['/: expected string, got 5', '/: expected null, got 5']],
    [
      'an element of a list in a union',
      t.union([t.array(t.string), t.null]),
      [5],
      ['/0: expected string, got 5', '/: expected null, got [5]'],
    ],
    [
      'a union below',
      t.type({ a: t.union([t.type({ b: t.string }), t.null]) }),
      { a: { b: 5 } },
      ['/a/b: expected string, got 5', '/a: expected null, got {"b":5}'],
    ],
    ['a refinement', t.type({ n: Even }), { n: 3 }, ['/n: expected Even, got 3']],
    ['a refined intersection', t.refinement(Point, () => true, 'Any'), { x: 'a' }, ['/x: expected number, got "a"']],
    ['a recursive type', Tree, { name: 'a', children: [{ name: 'b' }, { name: 5 }] }, ['/children/1/name: expected string, got 5']],
    [
      'a message of the codec',
      new t.Type('X', t.unknown.is, (value, context) => t.failure(value, context, 'not today'), t.identity),
      5,
      ['/: not today'],
    ],
  ];
  for (const [what, codec, value, report] of faults) {
    it(`names the path of ${what}`, () => {
      expect(decode(codec, value)).to.deep.equal(left(report));
    });
  }

  it('cuts long values, and copes with those that JSON cannot write', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(decode(t.number, 'x'.repeat(500))).to.deep.equal(left([`/: expected number, got "${'x'.repeat(59)}…`]));
    expect(decode(t.number, `${'x'.repeat(58)}😀`)).to.deep.equal(left([`/: expected number, got "${'x'.repeat(58)}…`]));
    expect(decode(t.number, circle)).to.deep.equal(left(['/: expected number, got object']));
    expect(decode(t.number, () => 1)).to.deep.equal(left(['/: expected number, got function']));
    expect(decode(t.number, 10n)).to.deep.equal(left(['/: expected number, got bigint']));
  });
});

describe('faultsOf', () => {
  it('is what decode says is wrong, and nothing for a value that decodes', () => {
    const Point = objectCodec('Point', { x: t.number });
    expect(faultsOf(Point, { x: 1 })).to.deep.equal([]);
    expect(faultsOf(Point, { x: 'a' })).to.deep.equal(['/x: expected number, got "a"']);
  });
});
