import { expect } from 'chai';
import { EMPTY, Observable, of, Subject, throwError } from 'rxjs';
import { andThen } from '../../lib/internal/and-then.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { firehose, hearNow, spoken } from '../support/hear-now.js';

const isFinal = (value: string): value is 'F' | 'G' => value === 'F' || value === 'G';
const missing = (): Error => new Error('no final value');
const fail = (): never => {
  throw new Error('no way on');
};
const isTenth = (value: number): value is 10 => value === 10;
const followedBy = (project: (final: string) => Observable<string>) => andThen({ isFinal, project, missing });
const recoveredBy = (recover: (error: unknown) => Observable<string>) => andThen({ isFinal, project: () => EMPTY, missing, recover });

describe('andThen', () => {
  it('passes the source through to its final value, then goes on', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('       -t-t-F-t-|');
      const next = cold('              --x|');
      const sourceSubscribed = '  ^----!';
      const nextSubscribed = '    -----^--!';
      const expected = '          -t-t---x|';

      expectObservable(source.pipe(followedBy(() => next))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubscribed);
      expectSubscriptions(next.subscriptions).toBe(nextSubscribed);
    }));

  it('gives the first final value to what follows and ignores those after it', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const source = cold(' -(FGt)-|');
      const expected = '    -(x|)';

      expectObservable(source.pipe(followedBy((final) => of(`after ${final}`)))).toBe(expected, { x: 'after F' });
    }));

  it('errors where the source ends without a final value', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('     -t-|');
      const sourceSubscribed = '^--!';
      const expected = '        -t-#';

      expectObservable(source.pipe(followedBy(() => of('x')))).toBe(expected, undefined, missing());
      expectSubscriptions(source.subscriptions).toBe(sourceSubscribed);
    }));

  it('forwards an error of the source', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const source = cold(' -t-#');
      const expected = '    -t-#';

      expectObservable(source.pipe(followedBy(() => of('x')))).toBe(expected);
    }));

  it('forwards an error of what follows, and asks nobody to recover from it', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const source = cold(' -t-F');
      const next = cold('      -y-#');
      const expected = '    -t--y-#';
      const following = andThen({ isFinal, project: () => next, missing, recover: () => of('recovered') });

      expectObservable(source.pipe(following)).toBe(expected);
    }));

  it('makes what its functions throw the error, and lets the source go', () => {
    const throwing = {
      isFinal: andThen({ isFinal: (value: string): value is 'F' => value === 'F' && fail(), project: () => EMPTY, missing }),
      project: andThen({ isFinal, project: fail, missing }),
      missing: andThen({ isFinal, project: () => EMPTY, missing: fail }),
      'missing, before it is recovered from': andThen({ isFinal, project: () => EMPTY, missing: fail, recover: () => of('x') }),
    };
    for (const [what, operator] of Object.entries(throwing)) {
      const source = new Subject<string>();
      const heard = hearNow(source.pipe(operator));
      if (what.startsWith('missing')) source.complete();
      else source.next('F');
      expect(heard, what).to.deep.equal(['# no way on']);
      expect(source.observed, what).to.equal(false);
    }
  });

  it('unsubscribes the source, and what follows it, when it is left', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -t-t-F---');
      const next = cold('         --x--');
      const early = '        ^--!';
      const late = '         ^-----!';

      expectObservable(source.pipe(followedBy(() => next)), early).toBe('-t--');
      expectObservable(source.pipe(followedBy(() => next)), late).toBe(' -t-t--');
      expectSubscriptions(source.subscriptions).toBe([early, '^----!']);
      expectSubscriptions(next.subscriptions).toBe('-----^!');
    }));

  it('has let the source go before anything is made of its final value, and hears nothing of it then', () => {
    for (const end of ['goes on', 'fails', 'completes']) {
      const source = new Subject<string>();
      const observed: boolean[] = [];
      const heard = hearNow(
        source.pipe(
          followedBy((final) => {
            observed.push(source.observed);
            if (end === 'fails') source.error(new Error('too late'));
            if (end === 'completes') source.complete();
            if (end === 'goes on') for (const value of ['t', 'G']) source.next(value);
            return of(`after ${final}`);
          }),
        ),
      );
      source.next('F');
      expect(observed, end).to.deep.equal([false]);
      expect(heard, end).to.deep.equal(['after F', '|']);
    }
  });

  it('hears nothing of a source that goes on inside its own synchronous subscribe', () => {
    const source = new Observable<string>((subscriber) => {
      for (const value of ['t', 'F', 'G', 't']) subscriber.next(value);
      subscriber.error(new Error('too late'));
    });
    expect(hearNow(source.pipe(followedBy((final) => of(`after ${final}`))))).to.deep.equal(['t', 'after F', '|']);
  });

  it('stops a source that emits for ever, at its final value and when it is left', () => {
    const toTenth = andThen({ isFinal: isTenth, project: () => of('x'), missing });

    const toItsFinal = firehose();
    expect(hearNow(toItsFinal.source.pipe(toTenth))).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 'x', '|']);
    expect(toItsFinal.emitted()).to.equal(10);

    const left = firehose();
    expect(hearNow(left.source.pipe(toTenth), 3)).to.deep.equal([1, 2, 3]);
    expect(left.emitted()).to.equal(3);
  });

  it('begins nothing for who left while the value before was taken', () => {
    let made = 0;
    const project = (): Observable<string> => {
      made += 1;
      return of('x');
    };
    expect(hearNow(of('t', 'F').pipe(followedBy(project)), 1)).to.deep.equal(['t']);
    expect(made).to.equal(0);
  });

  it('keeps two subscriptions apart', () => {
    const result = of('t', 'F').pipe(followedBy((final) => of(`after ${final}`)));
    for (let round = 0; round < 2; round += 1) expect(hearNow(result)).to.deep.equal(['t', 'after F', '|']);
  });

  describe('with recover', () => {
    it('goes on with what is made of an error of the source', () =>
      agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('       -t-#');
        const next = cold('            --x|');
        const sourceSubscribed = '  ^--!';
        const nextSubscribed = '    ---^--!';
        const expected = '          -t---x|';

        expectObservable(source.pipe(recoveredBy(() => next))).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(sourceSubscribed);
        expectSubscriptions(next.subscriptions).toBe(nextSubscribed);
      }));

    it('has let a source without a final value go before it goes on', () => {
      const { source, speaker, isHeld } = spoken<string>();
      const held: boolean[] = [];
      hearNow(
        source.pipe(
          recoveredBy(() => {
            held.push(isHeld());
            return EMPTY;
          }),
        ),
      );
      speaker().complete();
      expect(held).to.deep.equal([false]);
    });

    it('goes on with what is made of a missing final value', () =>
      agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('       -t-|');
        const sourceSubscribed = '  ^--!';
        const expected = '          -t-(x|)';

        expectObservable(source.pipe(recoveredBy((error) => of(String(error))))).toBe(expected, { t: 't', x: String(missing()) });
        expectSubscriptions(source.subscriptions).toBe(sourceSubscribed);
      }));

    it('leaves a source that has its final value alone', () => {
      const after = andThen({ isFinal, project: (final: string) => of(`after ${final}`), missing, recover: () => of('recovered') });
      expect(hearNow(of('F').pipe(after))).to.deep.equal(['after F', '|']);
    });

    it('errors with what recover throws, or what it recovers to', () => {
      const source = throwError(() => new Error('of the source'));
      expect(hearNow(source.pipe(recoveredBy(fail)))).to.deep.equal(['# no way on']);
      expect(hearNow(of<string>().pipe(recoveredBy(fail)))).to.deep.equal(['# no way on']);
      expect(hearNow(source.pipe(recoveredBy(() => throwError(fail))))).to.deep.equal(['# no way on']);
    });

    it('unsubscribes what it recovers to when it is left', () =>
      agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('  -#');
        const next = cold('     -x-x');
        const unsubscribed = ' ^--!';

        expectObservable(source.pipe(recoveredBy(() => next)), unsubscribed).toBe('--x');
        expectSubscriptions(next.subscriptions).toBe('                           -^-!');
      }));
  });

  it('lets a source return from its own subscribe, and go, before anything is made of its final value', () => {
    const order: string[] = [];
    const source = new Observable<string>((subscriber) => {
      subscriber.next('F');
      order.push('returns');
      return () => void order.push('released');
    });
    const project = (): Observable<string> => {
      order.push('project');
      return of('x');
    };
    expect(hearNow(source.pipe(andThen({ isFinal, project, missing })))).to.deep.equal(['x', '|']);
    expect(order).to.deep.equal(['returns', 'released', 'project']);
  });

  it('has let a failed source go before it recovers', () => {
    const { source, speaker, isHeld } = spoken<string>();
    const held: boolean[] = [];
    const recover = (): Observable<string> => {
      held.push(isHeld());
      return of('r');
    };
    source.pipe(andThen({ isFinal, project: () => of('x'), missing, recover })).subscribe();
    speaker().error(new Error('no'));
    expect(held).to.deep.equal([false]);
  });
});
