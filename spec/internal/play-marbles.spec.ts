import { expect } from 'chai';
import * as fc from 'fast-check';
import { take, VirtualTimeScheduler } from 'rxjs';
import { ScriptError } from '../../lib/errors/script-error.js';
import { playMarbles } from '../../lib/internal/play-marbles.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const itself = (letter: string): string => letter;
const cast = { valueOf: itself, errorOf: () => 'error' };

describe('playMarbles', () => {
  for (const diagram of ['--a-(b|)', '|', '#', '-', 'a', '--(a#)', '-a-(bc)-d-|', '(ab)(c|)', 'a 10ms b 2s |', '-----']) {
    it(`plays ${diagram} as RxJS does`, () =>
      agentMarbles(({ cold, expectObservable }) => {
        expectObservable(playMarbles(diagram, cast)).toEqual(cold(diagram));
      }));
  }

  it('plays whatever RxJS does, as it does', () => {
    const part = fc.constantFrom('-', '--', 'a', 'b', ' ', '(ab)', '(ba)', ' 7ms ');
    fc.assert(
      fc.property(fc.array(part), fc.constantFrom('|', '#', '-', '(c|)', '(c#)'), (parts, end) => {
        const diagram = `${parts.join('')}${end}`;
        agentMarbles(({ cold, expectObservable }) => {
          expectObservable(playMarbles(diagram, cast)).toEqual(cold(diagram));
        });
      }),
    );
  });

  it('plays to each subscriber from its own beginning, and nothing after the end', () =>
    agentMarbles(({ expectObservable }) => {
      const played$ = playMarbles('-a-|b#', cast);
      expectObservable(played$).toBe('-a-|');
      expectObservable(played$, '--^').toBe('---a-|');
    }));

  it('leaves no timer when it is left', () => {
    const clock = new VirtualTimeScheduler();
    const seen: string[] = [];
    playMarbles('a-(bc)-|', { ...cast, scheduler: clock })
      .pipe(take(2))
      .subscribe((letter) => seen.push(letter));
    clock.flush();
    expect(seen).to.deep.equal(['a', 'b']);
    expect(clock.now()).to.equal(2);
    expect(clock.actions.filter(({ closed }) => !closed)).to.deep.equal([]);
  });

  it('plays a group of any size, also after a time', () => {
    const clock = new VirtualTimeScheduler();
    let played = 0;
    let isComplete = false;
    playMarbles(`-(${'a'.repeat(20_000)}|)`, { ...cast, scheduler: clock }).subscribe({
      next: () => (played += 1),
      complete: () => (isComplete = true),
    });
    clock.flush();
    expect([played, isComplete]).to.deep.equal([20_000, true]);
  });

  it('looks the letters up once, when it is called, and only those that are played', () => {
    const asked: string[] = [];
    const valueOf = (letter: string): string => {
      asked.push(letter);
      return letter;
    };
    const played$ = playMarbles('(ab)a|c', { ...cast, valueOf });
    expect(asked).to.deep.equal(['a', 'b', 'a']);
    played$.subscribe();
    expect(asked).to.have.length(3);
  });

  it('makes the error when it fails', () => {
    const errors: unknown[] = [];
    const failing$ = playMarbles('#', { valueOf: itself, errorOf: () => ({}) });
    for (let time = 0; time < 2; time += 1) failing$.subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).to.deep.equal([{}, {}]);
    expect(errors[0]).not.to.equal(errors[1]);
  });

  it('refuses marbles that make no sense when it is called', () => {
    expect(() => playMarbles('-(a', cast)).to.throw(ScriptError);
  });
});
