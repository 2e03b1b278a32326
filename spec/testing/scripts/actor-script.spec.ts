import { expect } from 'chai';
import { decided, token } from '../../../lib/domain/signal.js';
import { ScriptError } from '../../../lib/errors/script-error.js';
import { playActorMarbles } from '../../../lib/testing/scripts/actor-script.js';
import { agentMarbles } from '../../../lib/testing/marbles/agent-marbles.js';

describe('playActorMarbles', () => {
  it('plays the same to each call, from the beginning', () =>
    agentMarbles(({ expectObservable }) => {
      const play = playActorMarbles({ marbles: '--t-(a|)' });
      const signals = { t: token('t'), a: decided({ name: 'act' }) };
      expectObservable(play('one')).toBe('--t-(a|)', signals);
      expectObservable(play('other'), '---^').toBe('-----t-(a|)', signals);
    }));

  it('takes any letter that means nothing else for a token of itself', () =>
    agentMarbles(({ expectObservable }) => {
      expectObservable(playActorMarbles({ marbles: 's😀(3b)|' })('call')).toBe('st(3b)|', {
        s: token('s'),
        t: token('😀'),
        3: token('3'),
        b: token('b'),
      });
    }));

  it('reads the marbles at once', () => {
    expect(() => playActorMarbles({ marbles: '(a' })).to.throw(ScriptError);
  });
});
