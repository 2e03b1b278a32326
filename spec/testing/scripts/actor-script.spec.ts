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
      expectObservable(playActorMarbles({ marbles: 's😀(fb)|' })('call')).toBe('st(fb)|', {
        s: token('s'),
        t: token('😀'),
        f: token('f'),
        b: token('b'),
      });
    }));

  it('takes a digit for a time that was not written as one', () => {
    expect(() => playActorMarbles({ marbles: '10 ms (d|)' })).to.throw(ScriptError, 'The digit 1 stands for nothing');
  });

  it('plays an action', () =>
    agentMarbles(({ expectObservable }) => {
      expectObservable(playActorMarbles({ marbles: '-(a|)', values: { a: { name: 'look' } } })('call')).toBe('-(a|)', {
        a: decided({ name: 'look' }),
      });
    }));

  it('reads the marbles at once', () => {
    expect(() => playActorMarbles({ marbles: '(a' })).to.throw(ScriptError);
  });
});
