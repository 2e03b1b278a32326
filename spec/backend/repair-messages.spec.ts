import { expect } from 'chai';
import { repairMessages } from '../../lib/backend/repair-messages.js';
import type { ChatMessage } from '../../lib/domain/chat-message.js';

const asked = [{ role: 'user' as const, content: 'Hello' }];

/** Who speaks after a repair of an answer without a text. */
const roles = (messages: readonly ChatMessage[]) => repairMessages(messages, { issues: [], received: '' }).map(({ role }) => role);

describe('repairMessages', () => {
  it('adds the answer and what was wrong with it', () => {
    const messages = repairMessages(asked, { issues: ['/a: expected string, got 5', 'too late'], received: '{"a":5}' });
    expect(messages.slice(0, 2)).to.deep.equal([...asked, { role: 'assistant', content: '{"a":5}' }]);
    expect(messages[2]).to.have.property('role', 'user');
    expect(messages[2]?.content).to.include('- /a: expected string, got 5\n- too late\n');
    expect(messages).to.have.length(3);
  });

  it('leaves out an answer that is empty, and asks within the last question, so that no two follow each other', () => {
    const rules = { role: 'system' as const, content: 'Be brief.' };
    const messages = repairMessages([rules, ...asked], { issues: ['nothing'], received: '' });
    expect(messages.map(({ role }) => role)).to.deep.equal(['system', 'user']);
    expect(messages[1]?.content).to.match(/^Hello\n\nYour answer could not be used:\n- nothing\n/);
  });

  it('asks in a message of its own where none of the user came last', () => {
    const said = { role: 'assistant' as const, content: 'Hi' };
    expect(roles([...asked, said])).to.deep.equal(['user', 'assistant', 'user']);
    expect(roles([{ role: 'system', content: 'Be brief.' }])).to.deep.equal(['system', 'user']);
  });

  it('shows at most 8,000 units of an answer and no half pair', () => {
    const shown = repairMessages(asked, { issues: [], received: `${'x'.repeat(7999)}😀` })[1];
    expect(shown?.content).to.equal('x'.repeat(7999));
  });

  it('tells at most twelve faults, and how many more there are', () => {
    const issues = Array.from({ length: 20 }, (_, index) => `fault ${index}.`);
    const told = repairMessages(asked, { issues, received: '' }).at(-1)?.content ?? '';
    expect(told).to.include('- fault 11.\n- and 8 more\n').and.not.include('fault 12.');
  });
});
