import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import type { Observable } from 'rxjs';
import type { Signal } from '../../../lib/domain/signal.js';
import type { State } from '../../../lib/domain/state.js';
import { ScriptError } from '../../../lib/errors/script-error.js';
import { playEnvironmentMarbles } from '../../../lib/testing/scripts/environment-script.js';
import { agentMarbles } from '../../../lib/testing/marbles/agent-marbles.js';

const one: State = { data: { n: 1 } };
const two: State = { data: { n: 2 } };

describe('playEnvironmentMarbles', () => {
  it('plays the same to each call, from the beginning and with the state of the call', () =>
    agentMarbles(({ expectObservable }) => {
      const play = playEnvironmentMarbles({ marbles: '--o-(s|)', values: { o: one } });
      expectObservable(play({ state: one })).toBe('--o-(s|)', { o: one, s: one });
      expectObservable(play({ state: two }), '---^').toBe('-----o-(s|)', { o: one, s: two });
    }));

  for (const letter of ['a', 'u', '3', 'S', '😀']) {
    it(`refuses ${letter} without a value at once`, () => {
      expect(() => playEnvironmentMarbles({ marbles: `-${letter}-(s|)` })).to.throw(ScriptError, `The letter '${letter}' of the marbles `);
    });
  }

  it('refuses no letter that is not played', () => {
    expect(() => playEnvironmentMarbles({ marbles: '-s|a' })).not.to.throw();
  });

  it('reads the marbles at once', () => {
    expect(() => playEnvironmentMarbles({ marbles: '(s' })).to.throw(ScriptError);
  });

  it('has the data of its values', () => {
    const value: State<{ readonly n: number }> = { data: { n: 1 } };
    const play = playEnvironmentMarbles({ marbles: 'o|', values: { o: value } });
    expectTypeOf(play).returns.toEqualTypeOf<Observable<State<{ readonly n: number }> | Signal>>();
  });
});
