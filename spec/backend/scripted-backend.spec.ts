import { expect } from 'chai';
import { take, toArray, VirtualTimeScheduler } from 'rxjs';
import type { LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import type { ScriptStep } from '../../lib/backend/script-step.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import { BackendError } from '../../lib/errors/backend-error.js';
import { ScriptError } from '../../lib/errors/script-error.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const request: LLMRequest = { messages: [{ role: 'user', content: 'Hello' }] };
const u: LLMChunk = { type: 'usage', usage: { inputTokens: 3, outputTokens: 2 } };
const r: LLMChunk = { type: 'reasoning', text: 'Hm' };
const chunks: Readonly<Record<string, LLMChunk>> = {
  ...Object.fromEntries(Array.from('abxy', (text): [string, LLMChunk] => [text, { type: 'text', text }])),
  f: { type: 'finish', reason: 'stop' },
  u,
  r,
};
const error = new Error('down');

describe('scriptedBackend', () => {
  const cases: readonly (readonly [name: string, step: ScriptStep, expected: string])[] = [
    ['a text', 'x', '(xf|)'],
    ['tokens', ['x', 'y'], '(xyf|)'],
    ['no tokens', [], '(f|)'],
    ['chunks as they are', [r, 'x', u], '(rxu|)'],
    ['an error', error, '#'],
    ['tokens in time', { tokens: ['x', 'y'], interval: 3 }, '---x--(yf|)'],
    ['tokens at once with a usage', { tokens: ['x'], usage: u.usage }, '(xuf|)'],
    ['tokens in time and then an error', { tokens: ['x', 'y'], interval: 2, usage: u.usage, error }, '--x-(yu#)'],
    ['no tokens in time', { tokens: [], interval: 2 }, '(f|)'],
    ['marbles', { marbles: '--a-(b|)' }, '--a-(b|)'],
    ['marbles with values', { marbles: 'x 10ms c-|', values: { c: r } }, 'x 10ms r-|'],
    ['marbles that fail', { marbles: '-a-#', error }, '-a-#'],
    ['marbles that never end', { marbles: '-a--' }, '-a--'],
    ['nothing after the end of marbles', { marbles: '-|a#' }, '-|'],
  ];
  for (const [name, step, expected] of cases) {
    it(`plays ${name}`, () =>
      agentMarbles(({ expectObservable }) => {
        expectObservable(scriptedBackend([step]).stream(request)).toBe(expected, chunks, error);
      }));
  }

  it('fails with a BackendError where marbles say no other', () =>
    agentMarbles(({ expectObservable }) => {
      const failed = new BackendError('The script lets this answer fail.');
      expectObservable(scriptedBackend([{ marbles: '-#' }]).stream(request)).toBe('-#', undefined, failed);
    }));

  it('takes the next step a subscription, and a step that is left counts as used', () =>
    agentMarbles(({ expectObservable, flush }) => {
      const backend = scriptedBackend([{ marbles: '--a-|' }, 'x']);
      const chunk$ = backend.stream(request);
      expectObservable(chunk$, '^-!').toBe('---');
      expectObservable(chunk$, '---^').toBe('---(xf|)', chunks);
      flush();
      backend.verify();
    }));

  it('runs on the scheduler it is given', () => {
    const scheduler = new VirtualTimeScheduler();
    const backend = scriptedBackend([{ tokens: ['x'], interval: 5 }, { marbles: '-----x|' }], { scheduler });
    const times: number[] = [];
    backend.stream(request).subscribe({ complete: () => times.push(scheduler.now()) });
    backend.stream(request).subscribe({ complete: () => times.push(scheduler.now()) });
    expect(times).to.deep.equal([]);
    scheduler.flush();
    expect(times).to.deep.equal([5, 6]);
  });

  it('keeps the requests as frozen copies', () => {
    const backend = scriptedBackend(['x']);
    const messages = [{ role: 'user' as const, content: 'Hello' }];
    backend.stream({ messages }).subscribe();
    messages.push({ role: 'user', content: 'later' });
    expect(backend.requests).to.deep.equal([request]);
    expect([backend.requests[0], backend.requests[0]?.messages[0]].every(Object.isFrozen)).to.equal(true);
  });

  it('fails at a request that it has no step for, and names it', () => {
    const backend = scriptedBackend(['x']);
    const errors: unknown[] = [];
    backend.stream(request).subscribe();
    backend.stream(request).subscribe({ error: (failure: unknown) => errors.push(failure) });
    expect(errors[0])
      .to.be.instanceOf(ScriptError)
      .with.property('message', "Request 2 was not expected: the backend's script has 1 step.");
    expect(backend.requests).to.have.length(2);
  });

  it('verifies that each step was used', () => {
    const backend = scriptedBackend(['x', 'y', 'z']);
    backend.stream(request).subscribe();
    expect(() => backend.verify()).to.throw(ScriptError, "2 of the 3 steps of the backend's script were not used: step 2, ");
    backend.stream(request).subscribe();
    expect(() => backend.verify()).to.throw(ScriptError, "1 of the 3 steps of the backend's script was not used: step 3, ");
    backend.stream(request).subscribe();
    expect(() => backend.verify()).not.to.throw();
  });

  it('refuses marbles that make no sense when it is made', () => {
    expect(() => scriptedBackend([{ marbles: '-(a' }])).to.throw(ScriptError);
  });

  it('stops within a burst when it is left', () => {
    let seen: readonly LLMChunk[] = [];
    scriptedBackend([Array.from({ length: 1000 }, () => 'x')])
      .stream(request)
      .pipe(take(2), toArray())
      .subscribe((taken) => {
        seen = taken;
      });
    expect(seen).to.have.length(2);
  });
});
