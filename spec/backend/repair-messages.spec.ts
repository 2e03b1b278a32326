import { expect } from 'chai';
import { repairMessages } from '../../lib/backend/repair-messages.js';

const asked = [{ role: 'user' as const, content: 'Hello' }];

describe('repairMessages', () => {
  it('adds the answer and what was wrong with it', () => {
    const messages = repairMessages(asked, { issues: ['/a: expected string, got 5', 'too late'], received: '{"a":5}' });
    expect(messages.slice(0, 2)).to.deep.equal([...asked, { role: 'assistant', content: '{"a":5}' }]);
    expect(messages[2]).to.have.property('role', 'user');
    expect(messages[2]?.content).to.include('- /a: expected string, got 5\n- too late\n');
    expect(messages).to.have.length(3);
  });

  it('leaves out an answer that is empty', () => {
    expect(repairMessages(asked, { issues: ['nothing'], received: '' }).map(({ role }) => role)).to.deep.equal(['user', 'user']);
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
