import { expect } from 'chai';
import { of, Subject, type Observable } from 'rxjs';
import { andThen } from '../../lib/internal/and-then.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const isFinal = (value: string): value is 'F' | 'G' => value === 'F' || value === 'G';
const missing = (): Error => new Error('no final value');
const followedBy = (project: (final: string) => Observable<string>) => andThen({ isFinal, project, missing });

describe('andThen', () => {
  it('passes the source through to its final value, then goes on', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('       -t-t-F-t-|');
      const next = cold('              --x|');
      const sourceSubscribed = '  ^----!';
      const nextSubscribed = '    -----^--!';
      const expected = '          -t-t-F-x|';

      expectObservable(source.pipe(followedBy(() => next))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubscribed);
      expectSubscriptions(next.subscriptions).toBe(nextSubscribed);
    }));

  it('gives the first final value to what follows and ignores those after it', () =>
    agentMarbles(({ cold, expectObservable }) => {
      expectObservable(cold('-(FGt)-|').pipe(followedBy((final) => of(`after ${final}`)))).toBe('-(Fx|)', { F: 'F', x: 'after F' });
    }));

  it('errors where the source ends without a final value', () =>
    agentMarbles(({ cold, expectObservable }) => {
      expectObservable(cold('-t-|').pipe(followedBy(() => of('x')))).toBe('-t-#', undefined, missing());
    }));

  it('forwards an error of the source', () =>
    agentMarbles(({ cold, expectObservable }) => {
      expectObservable(cold('-t-#').pipe(followedBy(() => of('x')))).toBe('-t-#');
    }));

  it('unsubscribes the source, and what follows it, when it is left', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -t-t-F---');
      const next = cold('         --x--');
      const early = '        ^--!';
      const late = '         ^-----!';

      expectObservable(source.pipe(followedBy(() => next)), early).toBe('-t--');
      expectObservable(source.pipe(followedBy(() => next)), late).toBe('-t-t-F');
      expectSubscriptions(source.subscriptions).toBe([early, '^----!']);
      expectSubscriptions(next.subscriptions).toBe('-----^!');
    }));

  it('ignores what the source emits while its final value is being delivered', () => {
    const source = new Subject<string>();
    const seen: string[] = [];
    source.pipe(followedBy((final) => of(`after ${final}`))).subscribe((value) => {
      seen.push(value);
      if (value === 'F') {
        source.next('t');
        source.next('G');
      }
    });
    source.next('F');
    expect(seen).to.deep.equal(['F', 'after F']);
    expect(source.observed).to.equal(false);
  });

  it('keeps two subscriptions apart', () => {
    const result = of('F').pipe(followedBy(() => of('x')));
    for (let round = 0; round < 2; round += 1) {
      const seen: string[] = [];
      result.subscribe((value) => seen.push(value));
      expect(seen).to.deep.equal(['F', 'x']);
    }
  });
});
