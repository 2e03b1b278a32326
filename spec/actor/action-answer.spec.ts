import { expect } from 'chai';
import { left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { ActionAnswer, settleAction } from '../../lib/actor/action-answer.js';
import { decode } from '../../lib/domain/decode.js';
import type { JsonRecord } from '../../lib/domain/json.js';

const whole = { thought: 'I look.', name: 'look', params: { at: 'door' }, expectedDelta: 'I see it' };

describe('ActionAnswer', () => {
  it('takes a whole answer, drops what else is in it, and trims the name', () => {
    expect(decode(ActionAnswer, { ...whole, name: ' look\n', mood: 'fine' })).to.deep.equal(right(whole));
  });

  it('refuses an answer with a name that is blank or missing', () => {
    const issue = ['/name: expected the name of a tool, parallel or DONE'];
    expect(decode(ActionAnswer, { ...whole, name: '  ' })).to.deep.equal(left(issue));
    expect(decode(ActionAnswer, { thought: '', params: {}, expectedDelta: '' })).to.deep.equal(left(issue));
  });

  it('refuses parameters that are no object, and names each fault', () => {
    expect(decode(ActionAnswer, { ...whole, params: ['door'], thought: 5 })).to.deep.equal(
      left(['/thought: expected string, got 5', '/params: expected a JSON object']),
    );
  });
});

describe('settleAction', () => {
  const Params = t.intersection([t.strict({ path: t.string }), t.partial({ from: t.number, tag: t.union([t.string, t.null]) })]);
  const tools = [{ name: 'read', params: Params }, { name: 'free' }];
  const settle = (name: string, params: JsonRecord) => settleAction(tools, { ...whole, name, params }).params;

  it('drops the nulls of parameters that the model left out', () => {
    expect(settle('read', { path: 'a', from: null })).to.deep.equal({ path: 'a' });
  });

  it('keeps a null that the codec takes', () => {
    expect(settle('read', { path: 'a', tag: null })).to.deep.equal({ path: 'a', tag: null });
  });

  it('does so in the calls of parallel, and leaves calls that make no sense as they are', () => {
    const calls = [{ name: 'read', params: { path: 'a', from: null } }, { name: 'none', params: { x: null } }, 7, { name: 'read' }];
    expect(settle('parallel', { calls })).to.deep.equal({ calls: [{ name: 'read', params: { path: 'a' } }, ...calls.slice(1)] });
    expect(settle('parallel', { calls: 'all' })).to.deep.equal({ calls: 'all' });
  });

  it('leaves the parameters of unknown tools and of tools without a codec as they are', () => {
    expect(settle('unknown', { a: null })).to.deep.equal({ a: null });
    expect(settle('free', { a: null })).to.deep.equal({ a: null });
  });

  it('replaces half a surrogate pair in the thought, as its tokens do', () => {
    expect(settleAction([], { ...whole, thought: 'a\ud83d b 😀' }).thought).to.equal('a\ufffd b 😀');
  });
});
