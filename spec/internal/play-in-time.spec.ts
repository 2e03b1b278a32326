import { expect } from 'chai';
import { take, VirtualTimeScheduler } from 'rxjs';
import { playInTime } from '../../lib/internal/play-in-time.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

describe('playInTime', () => {
  const cases: readonly (readonly [values: readonly string[], interval: number, expected: string])[] = [
    [['a', 'b'], 3, '---a--(b|)'],
    [['a', 'b'], 0, '(ab|)'],
    [['a', 'b'], -1, '(ab|)'],
    [['a', 'b'], Number.NaN, '(ab|)'],
    [[], 3, '|'],
    [[], 0, '|'],
  ];
  for (const [values, interval, expected] of cases) {
    it(`plays [${values.join()}] in intervals of ${interval} as ${expected}`, () =>
      agentMarbles(({ expectObservable }) => {
        expectObservable(playInTime(values, interval)).toBe(expected);
      }));
  }

  it('plays to each subscriber from its own beginning, and stops when it is left', () =>
    agentMarbles(({ expectObservable }) => {
      const played$ = playInTime(['a', 'b'], 2);
      expectObservable(played$, '---^').toBe('-----a-(b|)');
      expectObservable(played$, '^--!').toBe('--a-');
    }));

  it('leaves no timer when it is left', () => {
    const clock = new VirtualTimeScheduler();
    playInTime(['a', 'b'], 2, clock).subscribe().unsubscribe();
    expect(clock.actions.filter(({ closed }) => !closed)).to.deep.equal([]);
  });

  it('plays undefined like any other value', () => {
    const seen: unknown[] = [];
    const clock = new VirtualTimeScheduler();
    playInTime([undefined, 1], 2, clock).subscribe((value) => seen.push(value));
    clock.flush();
    expect(seen).to.deep.equal([undefined, 1]);
  });

  it('stops within a burst when it is left', () => {
    const seen: number[] = [];
    playInTime([1, 2, 3], 0)
      .pipe(take(1))
      .subscribe((value) => seen.push(value));
    expect(seen).to.deep.equal([1]);
  });
});
