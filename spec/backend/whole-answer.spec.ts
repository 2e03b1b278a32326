import { expect } from 'chai';
import { wholeAnswer } from '../../lib/backend/whole-answer.js';
import { BackendError } from '../../lib/errors/backend-error.js';

describe('wholeAnswer', () => {
  it('is one text and a finish in good order', () => {
    expect(wholeAnswer('x', 'It')).to.deep.equal([
      { type: 'text', text: 'x' },
      { type: 'finish', reason: 'stop' },
    ]);
  });

  it('tells reasoning at the start from the text', () => {
    const parts = [
      { type: 'reasoning', text: '{"a":1}' },
      { type: 'text', text: '{"a":2}' },
      { type: 'finish', reason: 'stop' },
    ];
    expect(wholeAnswer('<think>{"a":1}</think>\n\n{"a":2}', 'It')).to.deep.equal(parts);
    expect(wholeAnswer('Hm\n</think>', 'It')).to.deep.equal([
      { type: 'reasoning', text: 'Hm\n' },
      { type: 'text', text: '' },
      { type: 'finish', reason: 'stop' },
    ]);
  });

  for (const [value, name] of [
    [undefined, 'undefined'],
    [null, 'null'],
    [{}, 'object'],
  ] as const) {
    it(`refuses ${name}`, () => {
      expect(() => wholeAnswer(value, 'It')).to.throw(BackendError, `It gave ${name} instead of a text.`);
    });
  }
});
