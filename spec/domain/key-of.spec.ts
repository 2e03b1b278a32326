import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import { isLeft, right } from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';
import { decode } from '../../lib/domain/decode.js';
import { keyOf } from '../../lib/domain/key-of.js';

const Colour = keyOf('Colour', ['red', 'blue']);

describe('keyOf', () => {
  it('takes each of its texts', () => {
    expect(decode(Colour, 'red')).to.deep.equal(right('red'));
    expect(decode(Colour, 'blue')).to.deep.equal(right('blue'));
  });

  for (const other of ['green', 'toString', '__proto__', '', null, 1, ['red']]) {
    it(`takes no ${JSON.stringify(other)}`, () => {
      expect(isLeft(decode(Colour, other))).to.equal(true);
    });
  }

  it('has its name and its type', () => {
    expect(Colour.name).to.equal('Colour');
    expectTypeOf<t.TypeOf<typeof Colour>>().toEqualTypeOf<'red' | 'blue'>();
  });
});
