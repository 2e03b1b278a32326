import { expect } from 'chai';
import { of, throwError } from 'rxjs';
import type { LLMBackend, LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import { generateStream } from '../../lib/backend/generate-stream.js';
import { BackendError } from '../../lib/errors/backend-error.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const request: LLMRequest = { messages: [{ role: 'user', content: 'Hello' }] };
const chunks: Readonly<Record<string, LLMChunk>> = {
  a: { type: 'text', text: 'a' },
  b: { type: 'text', text: 'b' },
  e: { type: 'text', text: '' },
  r: { type: 'reasoning', text: 'r' },
  u: { type: 'usage', usage: { inputTokens: 1, outputTokens: 2 } },
  c: { type: 'tool_call', id: '1', name: 'look', params: {} },
  f: { type: 'finish', reason: 'stop' },
  R: { type: 'restart' },
};
const restarted = new BackendError('The answer began anew after a part of it had been passed on; generate() can take that.', {
  isRetryable: true,
});

describe('generateStream', () => {
  it('gives the text tokens and nothing else', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const answer = cold('         -a-r-b-e-u-c-(f|)', chunks);
      const expected = '            -a---b-------|';
      expectObservable(generateStream({ stream: () => answer }, request)).toBe(expected);
      expectSubscriptions(answer.subscriptions).toBe('^------------!');
    }));

  it('takes a restart before the first token and fails with one after it', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const answer = cold('         -Re-a-R-b|', chunks);
      const expected = '            ----a-#';
      expectObservable(generateStream({ stream: () => answer }, request)).toBe(expected, undefined, restarted);
      expectSubscriptions(answer.subscriptions).toBe('^-----!');
    }));

  it('asks once a subscription and stops when it is left', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const answer = cold('-a-b-|', chunks);
      const text$ = generateStream({ stream: () => answer }, request);
      expectObservable(text$, '^-!').toBe('-a-');
      expectObservable(text$, '---^').toBe('----a-b-|');
      expectSubscriptions(answer.subscriptions).toBe(['^-!', '---^----!']);
    }));

  it('passes the request on and is cold', () => {
    const seen: LLMRequest[] = [];
    const backend: LLMBackend = {
      stream: (asked) => {
        seen.push(asked);
        return of<LLMChunk>({ type: 'text', text: 'x' });
      },
    };
    const text$ = generateStream(backend, request);
    expect(seen).to.deep.equal([]);
    text$.subscribe();
    expect(seen).to.deep.equal([request]);
  });

  it('passes errors on as they are, thrown ones too', () =>
    agentMarbles(({ expectObservable }) => {
      const error = new Error('down');
      const failing: LLMBackend = { stream: () => throwError(() => error) };
      const throwing: LLMBackend = {
        stream: () => {
          throw error;
        },
      };
      expectObservable(generateStream(failing, request)).toBe('#', undefined, error);
      expectObservable(generateStream(throwing, request)).toBe('#', undefined, error);
    }));
});
