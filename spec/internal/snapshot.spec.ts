import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import * as fc from 'fast-check';
import { snapshot } from '../../lib/internal/snapshot.js';

const allOf = (value: unknown): readonly unknown[] =>
  typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(allOf)] : [];

describe('snapshot', () => {
  it('is equal to what it copies, frozen to the last property, and shares nothing with it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy = snapshot(value);
        expect(copy).to.deep.equal(value);
        expect(allOf(copy).every(Object.isFrozen)).to.equal(true);
        expect(allOf(copy).some((part) => allOf(value).includes(part))).to.equal(false);
      }),
    );
  });

  it('stays as it was, and leaves what it copies as free as it was', () => {
    const value = { list: [{ n: 1 }] };
    const copy = snapshot(value);
    value.list.push({ n: 2 });
    Object.assign(value.list[0] ?? {}, { n: 9 });
    expect(copy).to.deep.equal({ list: [{ n: 1 }] });
    expect(value).to.deep.equal({ list: [{ n: 9 }, { n: 2 }] });
  });

  it('keeps properties that are undefined or called __proto__', () => {
    expect(Object.entries(snapshot({ a: undefined }))).to.deep.equal([['a', undefined]]);
    const odd: unknown = snapshot(JSON.parse('{"__proto__":{"n":1}}'));
    expect(JSON.stringify(odd)).to.equal('{"__proto__":{"n":1}}');
  });

  it('takes plain objects of another realm for plain, and makes them of this one', () => {
    const foreign: unknown = runInNewContext('({ list: [{ n: 1 }] })');
    const copy = snapshot(foreign);
    expect(Object.getPrototypeOf(copy)).to.equal(Object.prototype);
    expect(allOf(copy).every(Object.isFrozen)).to.equal(true);
    expect(copy).to.deep.equal({ list: [{ n: 1 }] });
  });

  it('leaves what is neither a list nor a plain object as it is', () => {
    const value = { now: () => 1, date: new Date(0), bare: Object.assign(Object.create(null) as object, { n: 1 }) };
    const copy = snapshot(value);
    expect(copy.now).to.equal(value.now);
    expect(copy.date).to.equal(value.date);
    expect(Object.isFrozen(value.date)).to.equal(false);
    expect(copy.bare).to.deep.equal({ n: 1 });
    expect(copy.bare).not.to.equal(value.bare);
  });

  it('has the type of what it copies', () => {
    expectTypeOf(snapshot({ n: 1 })).toEqualTypeOf<{ n: number }>();
  });
});
