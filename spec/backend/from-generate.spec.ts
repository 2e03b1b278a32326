import { expect } from 'chai';
import { EMPTY, lastValueFrom, of, toArray, type Observable } from 'rxjs';
import type { LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import { fromGenerate } from '../../lib/backend/from-generate.js';
import { BackendError } from '../../lib/errors/backend-error.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const request: LLMRequest = { messages: [{ role: 'user', content: 'Hello' }] };
const t: LLMChunk = { type: 'text', text: 'x' };
const f: LLMChunk = { type: 'finish', reason: 'stop' };

const all = (chunk$: Observable<LLMChunk>): Promise<LLMChunk[]> => lastValueFrom(chunk$.pipe(toArray()));

async function* later(): AsyncGenerator<string> {
  yield await Promise.resolve('x');
}

describe('fromGenerate', () => {
  it('gives the answer as one token and finishes', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const given = cold('   ---x---|');
      const expected = '     ---(tf|)';
      expectObservable(fromGenerate(() => given).stream(request)).toBe(expected, { t, f });
      expectSubscriptions(given.subscriptions).toBe('^--!');
    }));

  it('takes a text as it is, the empty one too', () =>
    agentMarbles(({ expectObservable }) => {
      expectObservable(fromGenerate(({ messages }) => messages[0]?.content ?? '').stream(request)).toBe('(tf|)', {
        t: { type: 'text', text: 'Hello' },
        f,
      });
      expectObservable(fromGenerate(() => '').stream(request)).toBe('(tf|)', { t: { type: 'text', text: '' }, f });
    }));

  it('takes a Promise and an async iterable', async () => {
    expect(await all(fromGenerate(() => Promise.resolve('x')).stream(request))).to.deep.equal([t, f]);
    expect(await all(fromGenerate(later).stream(request))).to.deep.equal([t, f]);
  });

  it('calls the function once a subscription, and not before', () => {
    let calls = 0;
    const chunk$ = fromGenerate(() => {
      calls += 1;
      return 'x';
    }).stream(request);
    expect(calls).to.equal(0);
    chunk$.subscribe();
    chunk$.subscribe();
    expect(calls).to.equal(2);
  });

  it('unsubscribes what the function gave', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const given = cold('---x|');
      expectObservable(fromGenerate(() => given).stream(request), '^-!').toBe('---');
      expectSubscriptions(given.subscriptions).toBe('^-!');
    }));

  it('fails with what the function throws or fails with', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const error = new Error('no model');
      const throwing = (): string => {
        throw error;
      };
      expectObservable(fromGenerate(throwing).stream(request)).toBe('#', undefined, error);
      expectObservable(fromGenerate(() => cold('--#', undefined, error)).stream(request)).toBe('--#', undefined, error);
    }));

  it('fails where there is no text', () =>
    agentMarbles(({ expectObservable }) => {
      const ended = new BackendError('The function of fromGenerate ended without an answer.');
      expectObservable(fromGenerate(() => EMPTY).stream(request)).toBe('#', undefined, ended);
      const wrong = new BackendError('The function of fromGenerate gave number instead of a text.');
      const number = of(5) as unknown as Observable<string>;
      expectObservable(fromGenerate(() => number).stream(request)).toBe('#', undefined, wrong);
    }));
});
