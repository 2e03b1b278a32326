import { expect } from 'chai';
import type { LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import { generate } from '../../lib/backend/generate.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const request: LLMRequest = { messages: [{ role: 'user', content: 'Hello' }] };
const chunks: Readonly<Record<string, LLMChunk>> = {
  a: { type: 'text', text: 'a' },
  b: { type: 'text', text: 'b' },
  c: { type: 'text', text: 'c' },
  d: { type: 'text', text: 'd' },
  r: { type: 'reasoning', text: 'r' },
  R: { type: 'restart' },
};

describe('generate', () => {
  it('gives the whole text when the answer is complete, without what a restart made void', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const answer = cold('   -a-b-R-c-r-d-|', chunks);
      const expected = '      -------------(x|)';
      expectObservable(generate({ stream: () => answer }, request)).toBe(expected, { x: 'cd' });
      expectSubscriptions(answer.subscriptions).toBe('^------------!');
    }));

  it('gives the empty text where the model said nothing', () =>
    agentMarbles(({ cold, expectObservable }) => {
      expectObservable(generate({ stream: () => cold('--|') }, request)).toBe('--(x|)', { x: '' });
    }));

  it('gives no part of an answer that failed or was left', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const answer = cold('-a-#', chunks);
      expectObservable(generate({ stream: () => answer }, request)).toBe('---#');
      expectObservable(generate({ stream: () => answer }, request), '^-!').toBe('---');
      expectSubscriptions(answer.subscriptions).toBe(['^--!', '^-!']);
    }));

  it('is one request a subscription', () => {
    const backend = scriptedBackend(['one', 'two']);
    const texts: string[] = [];
    const text$ = generate(backend, request);
    expect(backend.requests).to.have.length(0);
    text$.subscribe((text) => texts.push(text));
    text$.subscribe((text) => texts.push(text));
    expect(texts).to.deep.equal(['one', 'two']);
  });
});
