import { expect } from 'chai';
import { isLeft, right } from 'fp-ts/lib/Either.js';
import { ChatMessage, ToolCall } from '../../lib/domain/chat-message.js';
import { decode } from '../../lib/domain/decode.js';

const call = { id: 'c1', name: 'look', params: { at: 'door' } };

describe('ChatMessage', () => {
  for (const message of [
    { role: 'system', content: 'be brief' },
    { role: 'user', content: '' },
    { role: 'assistant', content: 'well' },
    { role: 'assistant', content: '', toolCalls: [call] },
    { role: 'tool', toolCallId: 'c1', content: 'a door' },
  ]) {
    it(`takes ${JSON.stringify(message)}`, () => {
      expect(decode(ChatMessage, JSON.parse(JSON.stringify(message)))).to.deep.equal(right(message));
    });
  }

  for (const [message, fault] of [
    [{ role: 'robot', content: '' }, '/role: expected "tool", got "robot"'],
    [{ role: 'user' }, '/content: expected string, got nothing'],
    [{ role: 'tool', content: '' }, '/toolCallId: expected string, got nothing'],
    [{ role: 'assistant', content: '', toolCalls: [call, { ...call, params: 'x' }] }, '/toolCalls/1/params: expected a JSON object'],
  ] as const) {
    it(`refuses ${JSON.stringify(message)} and says where`, () => {
      const decoded = decode(ChatMessage, message);
      expect(decoded).to.have.property('left').that.includes(fault);
    });
  }
});

describe('ToolCall', () => {
  it('is whole', () => {
    expect(decode(ToolCall, call)).to.deep.equal(right(call));
    expect(isLeft(decode(ToolCall, { ...call, params: '{' }))).to.equal(true);
  });
});
