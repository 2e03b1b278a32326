import { expect } from 'chai';
import { left, right } from 'fp-ts/lib/Either.js';
import { checkedCodec } from '../../lib/domain/checked-codec.js';
import { decode } from '../../lib/domain/decode.js';

const isEven = (value: unknown): value is number => typeof value === 'number' && value % 2 === 0;

describe('checkedCodec', () => {
  it('takes what the check takes, as it is', () => {
    const Even = checkedCodec('Even', isEven);
    expect(decode(Even, 4)).to.deep.equal(right(4));
    expect([Even.is(4), Even.is(5), Even.encode(4)]).to.deep.equal([true, false, 4]);
  });

  it('tells what is wrong in its words, or by its name', () => {
    const Even = checkedCodec('Even', isEven, (value) => (typeof value === 'number' ? `${value} is odd` : undefined));
    expect(decode(Even, 5)).to.deep.equal(left(['/: 5 is odd']));
    expect(decode(Even, 'a')).to.deep.equal(left(['/: expected Even, got "a"']));
    expect(decode(checkedCodec('Even', isEven), 5)).to.deep.equal(left(['/: expected Even, got 5']));
  });
});
