import { expect } from 'chai';
import { createGrowingText } from '../../lib/internal/growing-text.js';

describe('createGrowingText', () => {
  it('is the pieces in their order, however many came and whenever it is asked', () => {
    const text = createGrowingText();
    let expected = '';
    for (let count = 0; count < 300; count += 1) {
      text.add(`${count} `);
      expected += `${count} `;
      expect(text.whole()).to.equal(expected);
    }
  });

  it('is empty until a piece comes', () => {
    expect(createGrowingText().whole()).to.equal('');
  });
});
