import { expect } from 'chai';
import { NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { interruptedBy } from '../../lib/orchestrator/interrupted-by.js';
import { itObeysTheOperatorLaws } from '../../lib/testing/laws/operator-laws.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

describe('interruptedBy', () => {
  it('is as it is drawn in the docstring', () => {
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-c-d-|');
      const signal$ = cold('-----x');
      const next$ = cold('--e|');
      expectObservable(source.pipe(interruptedBy(signal$, () => next$))).toBe('-a-b---e|');
      expectSubscriptions(source.subscriptions).toBe('^----!');
      expectSubscriptions(signal$.subscriptions).toBe('^----!');
      expectSubscriptions(next$.subscriptions).toBe('-----^--!');
    });
  });

  it('lets go of the signal where the source ends first', () => {
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      for (const marbles of ['-a|', '-a#']) {
        const signal$ = cold('-----x');
        expectObservable(cold(marbles).pipe(interruptedBy(signal$, () => NEVER))).toBe(marbles);
        expectSubscriptions(signal$.subscriptions).toBe('^-!');
      }
    });
  });

  it('goes on where the signal completes', () => {
    agentMarbles(({ cold, expectObservable }) => {
      expectObservable(cold('-a-b|').pipe(interruptedBy(cold('--|'), () => NEVER))).toBe('-a-b|');
    });
  });

  it('never asks a source that is interrupted before', () => {
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a|');
      expectObservable(source.pipe(interruptedBy(of(1), () => cold('--e|')))).toBe('--e|');
      expectSubscriptions(source.subscriptions).toBe([]);
    });
  });

  it('makes nothing of the signal for who has left, and asks nothing for who leaves while it is made', () => {
    const signal$ = new Subject<void>();
    let asked = 0;
    const next$ = new Observable<never>(() => {
      asked += 1;
    });
    const subscription = NEVER.pipe(
      interruptedBy(signal$, () => {
        subscription.unsubscribe();
        return next$;
      }),
    ).subscribe();
    signal$.next();
    expect({ asked, isObserved: signal$.observed }).to.deep.equal({ asked: 0, isObserved: false });
  });

  it('fails where the signal does', () => {
    agentMarbles(({ cold, expectObservable }) => {
      expectObservable(
        cold('-a').pipe(
          interruptedBy(
            throwError(() => 'error'),
            () => NEVER,
          ),
        ),
      ).toBe('#');
    });
  });

  itObeysTheOperatorLaws(
    { describe, it },
    { make: () => interruptedBy<string, never>(NEVER, () => NEVER), sample: 'a', samples: ['a', 'b', 'a'] },
  );
});
