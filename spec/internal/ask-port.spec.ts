import { expect } from 'chai';
import { Observable, Subject, throwError } from 'rxjs';
import { askPort } from '../../lib/internal/ask-port.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { firehose, hearNow } from '../support/hear-now.js';
import { outcomeOf } from '../support/outcome.js';

const fail = (): never => {
  throw new Error('of the port');
};
const atThird = (value: number): number => (value === 3 ? fail() : value);
const double = (value: number): number => value * 2;
const upper = (value: string): string => value.toUpperCase();

describe('askPort', () => {
  it('gives each value of the answer as what is made of it', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const answer = cold('   -a-b|');
      const expected = '      -A-B|';
      const subscribed = '    ^---!';

      expectObservable(askPort<string, string>(() => answer, upper)).toBe(expected);
      expectSubscriptions(answer.subscriptions).toBe(subscribed);
    }));

  it('fails as the answer does, and never ends where that does not', () =>
    agentMarbles(({ cold, expectObservable }) => {
      expectObservable(askPort<string, string>(() => cold('-a-#'), upper)).toBe('-A-#');
      expectObservable(askPort<string, string>(() => cold('-a--'), upper)).toBe('-A--');
      expectObservable(askPort<string, string>(() => cold('  |'), upper)).toBe('|');
    }));

  it('lets the answer go when it is left', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const answer = cold('   -a-b-c');
      const unsubscribed = '  ^---!';
      const expected = '      -A-B-';

      expectObservable(
        askPort<string, string>(() => answer, upper),
        unsubscribed,
      ).toBe(expected);
      expectSubscriptions(answer.subscriptions).toBe(unsubscribed);
    }));

  it('takes every kind of answer', async () => {
    expect(hearNow(askPort(() => 1, double))).to.deep.equal([2, '|']);
    expect(hearNow(askPort<number, number>(() => [1, 2], double))).to.deep.equal([2, 4, '|']);
    expect(await outcomeOf(askPort<number, number>(() => Promise.resolve(1), double))).to.deep.equal({ values: [2] });
    const rejected = await outcomeOf(askPort<number, number>(() => Promise.reject(new Error('no')), double));
    expect(rejected.error).to.be.an('error').with.property('message', 'no');
  });

  it('asks when it is subscribed, once a subscriber', () => {
    let asked = 0;
    const asking = askPort(() => (asked += 1), double);
    expect(asked).to.equal(0);
    expect(hearNow(asking)).to.deep.equal([2, '|']);
    expect(hearNow(asking)).to.deep.equal([4, '|']);
  });

  it('makes what the port throws the error, and what its answer throws', () => {
    expect(hearNow(askPort<number, number>(fail, double))).to.deep.equal(['# of the port']);
    expect(hearNow(askPort<number, number>(() => throwError(fail), double))).to.deep.equal(['# of the port']);
    expect(hearNow(askPort<number, number>(() => new Observable<number>(fail), double))).to.deep.equal(['# of the port']);
  });

  it('makes what project throws the error, and lets the answer go', () => {
    const answer = new Subject<number>();
    const heard = hearNow(askPort<number, number>(() => answer, fail));
    answer.next(1);
    expect(heard).to.deep.equal(['# of the port']);
    expect(answer.observed).to.equal(false);
  });

  it('stops an answer that emits for ever: where it is left, and where project throws', () => {
    const left = firehose();
    expect(
      hearNow(
        askPort<number, number>(() => left.source, double),
        3,
      ),
    ).to.deep.equal([2, 4, 6]);
    expect(left.emitted()).to.equal(3);

    const failing = firehose();
    expect(hearNow(askPort<number, number>(() => failing.source, atThird))).to.deep.equal([1, 2, '# of the port']);
    expect(failing.emitted()).to.equal(3);
  });

  it('does not subscribe the answer of a port that was left while it was asked', () => {
    let subscribed = 0;
    const answer = new Observable<number>(() => void (subscribed += 1));
    new Observable<number>((subscriber) => {
      askPort<number, number>(() => {
        subscriber.unsubscribe();
        return answer;
      }, double).subscribe(subscriber);
    }).subscribe();
    expect(subscribed).to.equal(0);
  });
});
