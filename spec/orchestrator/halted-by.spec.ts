import { expect } from 'chai';
import { filter, NEVER, Observable, of, Subject, throwError, type MonoTypeOperatorFunction } from 'rxjs';
import { haltedBy, timeIsUp } from '../../lib/orchestrator/halted-by.js';
import { halt, type Halt } from '../../lib/orchestrator/run-control.js';
import { itObeysTheOperatorLaws } from '../../lib/testing/laws/operator-laws.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { hearNow } from '../support/hear-now.js';

const h = halt('timeout', 'it took too long');

const mirror: MonoTypeOperatorFunction<string> = (source) =>
  source.pipe(
    haltedBy<string>(NEVER),
    filter((value) => typeof value === 'string'),
  );

describe('haltedBy', () => {
  itObeysTheOperatorLaws({ describe, it }, { make: () => mirror, sample: 'a', samples: ['a', 'b', 'a'] });

  it('lets go of the source when the end is told', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-c-d-|', { a: 'a', b: 'b', c: 'c', d: 'd' });
      const halt$ = cold(' ----h    ', { h });
      const expected = '   -a-b(h|) ';

      expectObservable(source.pipe(haltedBy(halt$))).toBe(expected, { a: 'a', b: 'b', h });
      expectSubscriptions(source.subscriptions).toBe('^---!');
      expectSubscriptions(halt$.subscriptions).toBe(' ^---!');
    }));

  it('lets go of what would end it when the source ends first', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const halt$ = cold(' ---------h', { h });
      const source = cold('-a-|', { a: 'a' });
      expectObservable(source.pipe(haltedBy(halt$))).toBe('-a-|', { a: 'a' });
      expectSubscriptions(halt$.subscriptions).toBe('^--!');
    }));

  it('goes on where nothing ever ends it, and fails where that fails', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const silent = cold('-a-b|', { a: 'a', b: 'b' });
      expectObservable(silent.pipe(haltedBy(cold<never>('--|')))).toBe('-a-b|', { a: 'a', b: 'b' });
      const broken = cold('-a-b|', { a: 'a', b: 'b' });
      expectObservable(broken.pipe(haltedBy(cold<never>('--#')))).toBe('-a#', { a: 'a' });
      expectSubscriptions(broken.subscriptions).toBe('^-!');
    }));

  it('does not begin what is ended from the start', () => {
    let asked = 0;
    const source = new Observable<string>(() => {
      asked += 1;
    });
    expect(hearNow(source.pipe(haltedBy(of(h))))).to.deep.equal([h, '|']);
    expect(hearNow(source.pipe(haltedBy(throwError(() => new Error('no')))))).to.deep.equal(['# no']);
    expect(asked).to.equal(0);
  });

  it('has let go of the source by the time that the end is told', () => {
    const told: string[] = [];
    const end = new Subject<Halt>();
    new Observable<string>(() => () => told.push('released')).pipe(haltedBy(end)).subscribe(() => told.push('told'));
    end.next(h);
    expect(told).to.deep.equal(['released', 'told']);
  });
});

describe('timeIsUp', () => {
  it('tells of the end after its time, from the subscription on', () =>
    agentMarbles(({ expectObservable, scheduler }) => {
      const ended$ = timeIsUp('step 3', 5, scheduler);
      const value = halt('timeout', 'step 3 took longer than 5 ms');
      expectObservable(ended$).toBe('-----(h|)', { h: value });
      expectObservable(ended$, '--^').toBe('-------(h|)', { h: value });
    }));
});
