import { expect } from 'chai';
import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { decode } from '../../lib/domain/decode.js';
import { describeState, State, stateJson, summarizeState, toState } from '../../lib/domain/state.js';

describe('State', () => {
  it('is JSON data and an optional summary', () => {
    expect(decode(State, { data: { a: 1 } })).to.deep.equal(right({ data: { a: 1 } }));
    expect(decode(State, { data: {}, summary: 's' })).to.deep.equal(right({ data: {}, summary: 's' }));
  });

  it('is nothing else', () => {
    expect(decode(State, {})).to.deep.equal(left(['/data: expected a JSON object']));
    expect(decode(State, { data: [] })).to.deep.equal(left(['/data: expected a JSON object']));
    expect(decode(State, { data: { a: { b: Number.NaN } } })).to.deep.equal(left(['/data: /a/b is NaN, which JSON cannot hold']));
    expect(decode(State, { data: {}, summary: 5 })).to.deep.equal(left(['/summary: expected string, got 5']));
  });
});

describe('describeState', () => {
  it('is the summary, even an empty one', () => {
    expect(describeState({ data: { a: 1 }, summary: 'one a' })).to.equal('one a');
    expect(describeState({ data: { a: 1 }, summary: '' })).to.equal('');
  });

  it('is the data as JSON where there is no summary', () => {
    expect(describeState({ data: { a: [1, null] } })).to.equal('{"a":[1,null]}');
  });
});

describe('toState', () => {
  it('is the data and the summary alone, in an object of its own', () => {
    const state = { data: { a: 1 }, summary: 's', secret: 1 };
    expect(toState(state)).to.deep.equal(right({ data: { a: 1 }, summary: 's' }));
    const bare = { data: { a: 1 } };
    const given = toState(bare);
    expect(given).to.deep.equal(right(bare));
    expect(given).to.have.property('right').that.is.not.equal(bare);
    expect(toState({ data: {}, summary: undefined } as never)).to.deep.equal(right({ data: {} }));
  });

  it('says what is wrong with what is no state, as decoding it does', () => {
    for (const value of [undefined, null, 5, 'data', [], {}, { data: [] }, { data: { a: Number.NaN } }, { data: {}, summary: 5 }]) {
      const decoded = decode(State, value);
      expect(isLeft(decoded), JSON.stringify(value)).to.equal(true);
      expect(toState(value as never)).to.deep.equal(decoded);
    }
  });
});

describe('stateJson', () => {
  it('has a summary where the state has one', () => {
    expect(stateJson({ data: { a: 1 } })).to.deep.equal({ data: { a: 1 } });
    expect(stateJson({ data: { a: 1 }, summary: '' })).to.deep.equal({ data: { a: 1 }, summary: '' });
  });
});

describe('summarizeState', () => {
  it('is at most 200 units of the text, with no half pair', () => {
    expect(summarizeState({ data: {}, summary: 'x'.repeat(300) })).to.equal('x'.repeat(200));
    expect(summarizeState({ data: {}, summary: `${'x'.repeat(199)}😀` })).to.equal('x'.repeat(199));
    expect(summarizeState({ data: { a: 1 } })).to.equal('{"a":1}');
  });
});
