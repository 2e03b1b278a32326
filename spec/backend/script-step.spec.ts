import { expect } from 'chai';
import type { LLMChunk } from '../../lib/backend/backend.js';
import { playStep } from '../../lib/backend/script-step.js';
import { ScriptError } from '../../lib/errors/script-error.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const x: LLMChunk = { type: 'text', text: 'x' };
const f: LLMChunk = { type: 'finish', reason: 'stop' };

describe('playStep', () => {
  it('plays the same to each subscriber, from its own beginning', () =>
    agentMarbles(({ expectObservable }) => {
      const step$ = playStep({ tokens: ['x', 'x'], interval: 2 });
      expectObservable(step$).toBe('--x-(xf|)', { x, f });
      expectObservable(step$, '---^').toBe('-----x-(xf|)', { x, f });
    }));

  it('cancels its timers when it is left', () =>
    agentMarbles(({ expectObservable }) => {
      expectObservable(playStep({ tokens: ['x', 'x'], interval: 2 }), '^--!').toBe('--x-', { x });
      expectObservable(playStep({ marbles: 'x 1s x|' }), '^--!').toBe('x---', { x });
    }));

  it('takes a text that is one letter of marbles for a text', () => {
    const seen: LLMChunk[] = [];
    playStep('|').subscribe((chunk) => seen.push(chunk));
    expect(seen).to.deep.equal([{ type: 'text', text: '|' }, f]);
  });

  it('refuses marbles that make no sense at once', () => {
    expect(() => playStep({ marbles: '(' })).to.throw(ScriptError);
  });
});
