import { expect } from 'chai';
import { EMPTY, of, throwError } from 'rxjs';
import { oneThen } from '../../lib/internal/one-then.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { hearNow } from '../support/hear-now.js';

const fail = (): never => {
  throw new Error('of project');
};

describe('oneThen', () => {
  it('waits for the one value and goes on with what is made of it', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('            --v-v');
      const next = cold('                -x-y|');
      const sourceSubscribed = '       ^-!';
      const nextSubscribed = '         --^---!';
      const expected = '               ---x-y|';

      expectObservable(source.pipe(oneThen(() => next))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubscribed);
      expectSubscriptions(next.subscriptions).toBe(nextSubscribed);
    }));

  it('lets go of either when it is left', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('    --v');
      const next = cold('        -x-y|');
      const early = '          ^!';
      const late = '           ^---!';

      expectObservable(source.pipe(oneThen(() => next)), early).toBe('--');
      expectObservable(source.pipe(oneThen(() => next)), late).toBe('---x');
      expectSubscriptions(source.subscriptions).toBe([early, '^-!']);
      expectSubscriptions(next.subscriptions).toBe('         --^-!');
    }));

  it('takes undefined for a value like any other', () => {
    expect(hearNow(of(undefined).pipe(oneThen((value) => of(String(value)))))).to.deep.equal(['undefined', '|']);
  });

  it('errors with the error of the source, with what project throws, and where there is no value', () => {
    const failing = throwError(() => new Error('of the source'));
    expect(hearNow(failing.pipe(oneThen(() => of('x'))))).to.deep.equal(['# of the source']);
    expect(hearNow(of('v').pipe(oneThen(fail)))).to.deep.equal(['# of project']);
    expect(hearNow(EMPTY.pipe(oneThen(() => of('x'))))).to.deep.equal(['# no elements in sequence']);
  });
});
