import { expect } from 'chai';
import { toPurposeScore } from '../../../lib/domain/purpose-score.js';
import { scored, token } from '../../../lib/domain/signal.js';
import { ScriptError } from '../../../lib/errors/script-error.js';
import { playPurposeMarbles } from '../../../lib/testing/scripts/purpose-script.js';
import { agentMarbles } from '../../../lib/testing/marbles/agent-marbles.js';

describe('playPurposeMarbles', () => {
  it('plays the same to each call, from the beginning and from its own scores', () =>
    agentMarbles(({ expectObservable }) => {
      const play = playPurposeMarbles({ marbles: '--t-(5|)' });
      const t = token('t');
      const scores = [toPurposeScore({ phiBefore: 0, phiAfter: 2 })];
      expectObservable(play({ scores: [] })).toBe('--t-(s|)', { t, s: scored({ phiBefore: 0, phiAfter: 5 }) });
      expectObservable(play({ scores }), '---^').toBe('-----t-(s|)', { t, s: scored({ phiBefore: 2, phiAfter: 5 }) });
    }));

  it('takes any letter that means nothing else for a token of itself', () =>
    agentMarbles(({ expectObservable }) => {
      const tokens = { a: token('a'), d: token('d'), s: token('s'), t: token('٣') };
      expectObservable(playPurposeMarbles({ marbles: 'ads٣|' })({ scores: [] })).toBe('adst|', tokens);
    }));

  it('reads the marbles at once', () => {
    expect(() => playPurposeMarbles({ marbles: '(5' })).to.throw(ScriptError);
  });
});
