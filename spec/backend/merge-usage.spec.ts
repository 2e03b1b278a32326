import { expect } from 'chai';
import { mergeUsage } from '../../lib/backend/merge-usage.js';

const so = { inputTokens: 5, outputTokens: 2 };

describe('mergeUsage', () => {
  it('reads the names of the chat completions and of others', () => {
    expect(mergeUsage(undefined, { prompt_tokens: 5, completion_tokens: 2 })).to.deep.equal(so);
    expect(mergeUsage(undefined, { input_tokens: 5, output_tokens: 2 })).to.deep.equal(so);
  });

  it('takes the larger of what is reported more than once, and never the sum', () => {
    expect(mergeUsage(so, { prompt_tokens: 5, completion_tokens: 4 })).to.deep.equal({ inputTokens: 5, outputTokens: 4 });
    expect(mergeUsage(so, { prompt_tokens: 0, completion_tokens: 0 })).to.deep.equal(so);
  });

  it('keeps what there is where nothing can be read', () => {
    for (const nothing of [null, undefined, {}, [], 'x', { prompt_tokens: null }]) {
      expect(mergeUsage(so, nothing)).to.equal(so);
      expect(mergeUsage(undefined, nothing)).to.equal(undefined);
    }
  });

  it('reads numbers in texts, and no parts of tokens', () => {
    expect(mergeUsage(undefined, { prompt_tokens: ' 5', completion_tokens: '2' })).to.deep.equal(so);
    expect(mergeUsage(undefined, { prompt_tokens: 5.7, completion_tokens: '2.9' })).to.deep.equal(so);
    expect(mergeUsage(so, { prompt_tokens: 'many', completion_tokens: '0x10' })).to.equal(so);
  });

  it('counts nonsense as nothing', () => {
    expect(mergeUsage(undefined, { prompt_tokens: -3, completion_tokens: Number.NaN })).to.deep.equal({ inputTokens: 0, outputTokens: 0 });
  });
});
