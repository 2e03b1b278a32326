import { expect } from 'chai';
import * as fc from 'fast-check';
import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { decode } from '../../lib/domain/decode.js';
import { Json, JsonRecord, toJson } from '../../lib/domain/json.js';

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

const hostile = {
  get secret(): string {
    throw new Error('no looking');
  },
};

class Point {
  readonly x = 1;
}

describe('Json', () => {
  it('takes whatever JSON.parse gives', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text);
        expect(Json.is(value)).to.equal(true);
        expect(decode(Json, value)).to.deep.equal(right(value));
      }),
    );
  });

  it('takes only what a round trip through text leaves as it is', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withMap: true, withBigInt: true, withNullPrototype: true }), (value) => {
        if (Json.is(value)) expect(Object.is(JSON.stringify(JSON.parse(JSON.stringify(value))), JSON.stringify(value))).to.equal(true);
      }),
    );
  });

  const faults: readonly (readonly [value: unknown, fault: string])[] = [
    [undefined, '/: the value is undefined, which JSON cannot hold'],
    [Number.NaN, '/: the value is NaN, which JSON cannot hold'],
    [{ a: [1, Infinity] }, '/: /a/1 is Infinity, which JSON cannot hold'],
    [{ a: undefined }, '/: /a is undefined, which JSON cannot hold'],
    [{ at: new Date(0) }, '/: /at is a Date, which JSON cannot hold'],
    [new Map(), '/: the value is a Map, which JSON cannot hold'],
    [10n, '/: the value is bigint, which JSON cannot hold'],
    [() => 1, '/: the value is function, which JSON cannot hold'],
  ];
  for (const [value, fault] of faults) {
    it(`says what is wrong: ${fault}`, () => {
      expect(decode(Json, value)).to.deep.equal(left([fault]));
      expect(Json.is(value)).to.equal(false);
    });
  }

  it('refuses what is nested too deep, or in a circle, without overflowing the stack', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(Json.is(nested(500))).to.equal(true);
    expect(Json.is(nested(501))).to.equal(false);
    expect(Json.is(nested(5_000))).to.equal(false);
    expect(Json.is(circle)).to.equal(false);
  });

  it('refuses what cannot be read instead of throwing', () => {
    expect(decode(Json, { a: hostile })).to.deep.equal(left(['/: the value cannot be read: no looking']));
    expect(Json.is(hostile)).to.equal(false);
  });
});

describe('JsonRecord', () => {
  it('takes objects alone', () => {
    expect(decode(JsonRecord, { a: [null] })).to.deep.equal(right({ a: [null] }));
    for (const value of [[], null, 'text', 5]) expect(decode(JsonRecord, value)).to.deep.equal(left(['/: expected a JSON object']));
    expect(decode(JsonRecord, { a: Number.NaN })).to.deep.equal(left(['/: /a is NaN, which JSON cannot hold']));
  });

  it('keeps a property named __proto__ a property', () => {
    const value: unknown = JSON.parse('{"__proto__":{"polluted":true}}');
    const decoded = decode(JsonRecord, value);
    expect(decoded).to.deep.equal(right(value));
    expect(Object.keys(value as object)).to.deep.equal(['__proto__']);
  });
});

describe('toJson', () => {
  it('hands JSON on as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(toJson(value)).to.deep.equal(right(value));
      }),
    );
  });

  const written: readonly (readonly [what: string, value: unknown, json: unknown])[] = [
    ['nothing as null', undefined, null],
    ['dates as text', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['undefined properties as none', { a: 1, b: undefined }, { a: 1 }],
    ['instances as their properties', new Point(), { x: 1 }],
    ['NaN as null', [Number.NaN], [null]],
    ['what toJSON gives', { toJSON: () => 'itself' }, 'itself'],
  ];
  for (const [what, value, json] of written) {
    it(`writes ${what}`, () => {
      expect(toJson(value)).to.deep.equal(right(json));
    });
  }

  it('says why a value cannot be had', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(toJson(() => 1)).to.deep.equal(left('the value is function, which JSON cannot hold'));
    expect(toJson(Symbol('x'))).to.deep.equal(left('the value is symbol, which JSON cannot hold'));
    expect(toJson(hostile)).to.deep.equal(left('no looking'));
    for (const value of [10n, circle, nested(501), nested(50_000)]) expect(isLeft(toJson(value))).to.equal(true);
  });

  it('says so where a value is nested too deep, however deep it is and whatever it is made of', () => {
    class Link {
      readonly next: unknown;
      constructor(next: unknown) {
        this.next = next;
      }
    }
    const builders: readonly ((inner: unknown) => unknown)[] = [(inner) => [inner], (inner) => ({ inner }), (inner) => new Link(inner)];
    for (const build of builders) {
      let deep: unknown = 1;
      for (let level = 0; level < 100_000; level += 1) deep = build(deep);
      expect(toJson(deep)).to.deep.equal(left('the value is nested deeper than 500 levels'));
    }
  });

  it('gives JSON or a reason, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withMap: true, withSet: true, withBigInt: true, withTypedArray: true }), (value) => {
        const json = toJson(value);
        expect(isLeft(json) ? json.left !== '' : Json.is(json.right)).to.equal(true);
      }),
    );
  });
});
