import { expect } from 'chai';
import { EMPTY, NEVER, of, Subject, take, throwError, type Observable } from 'rxjs';
import { emitThen } from '../../lib/internal/emit-then.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { firehose, hearNow } from '../support/hear-now.js';

const fail = (): never => {
  throw new Error('no way on');
};

describe('emitThen', () => {
  it('emits its value, then goes on', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const next = cold('     --x|');
      const expected = '      v-x|';
      const nextSubscribed = '^--!';

      expectObservable(emitThen('v', () => next)).toBe(expected);
      expectSubscriptions(next.subscriptions).toBe(nextSubscribed);
    }));

  it('ends as what follows does, or never', () =>
    agentMarbles(({ cold, expectObservable }) => {
      expectObservable(emitThen('v', () => EMPTY)).toBe('     (v|)');
      expectObservable(emitThen('v', () => NEVER)).toBe('     v--');
      expectObservable(emitThen('v', () => cold('-x-#'))).toBe('vx-#');
    }));

  it('makes what follows only when its value has been taken', () => {
    const order: string[] = [];
    const following = emitThen('v', () => {
      order.push('made');
      return of('x');
    });
    expect(order).to.deep.equal([]);
    following.subscribe((value) => order.push(value));
    expect(order).to.deep.equal(['v', 'made', 'x']);
  });

  it('makes nothing for who leaves while taking the value, in whatever way', () => {
    let made = 0;
    const project = (): Observable<string> => {
      made += 1;
      return of('x');
    };
    expect(hearNow(emitThen('v', project), 1)).to.deep.equal(['v']);
    expect(hearNow(emitThen('v', project).pipe(take(1)))).to.deep.equal(['v', '|']);
    expect(made).to.equal(0);
  });

  it('makes what throws the error', () => {
    expect(hearNow(emitThen('v', fail))).to.deep.equal(['v', '# no way on']);
    expect(hearNow(emitThen('v', () => throwError(fail)))).to.deep.equal(['v', '# no way on']);
  });

  it('lets what follows go when it is left, even inside its own synchronous subscribe', () => {
    const next = new Subject<string>();
    const subscription = emitThen('v', () => next).subscribe();
    expect(next.observed).to.equal(true);
    subscription.unsubscribe();
    expect(next.observed).to.equal(false);

    const { source, emitted } = firehose();
    expect(
      hearNow(
        emitThen(0, () => source),
        4,
      ),
    ).to.deep.equal([0, 1, 2, 3]);
    expect(emitted()).to.equal(3);
  });

  it('begins anew for each subscriber', () => {
    let made = 0;
    const following = emitThen('v', () => of((made += 1)));
    expect(hearNow(following)).to.deep.equal(['v', 1, '|']);
    expect(hearNow(following)).to.deep.equal(['v', 2, '|']);
  });
});
