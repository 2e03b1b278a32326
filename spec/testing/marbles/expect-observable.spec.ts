import { expect } from 'chai';
import { isDeepStrictEqual } from 'node:util';
import { map, of } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { agentMarbles } from '../../../lib/testing/marbles/agent-marbles.js';

type Test = (helpers: RunHelpers) => void;

const passes = (run: () => void): boolean => {
  try {
    run();
    return true;
  } catch {
    return false;
  }
};

const inRxjs = (test: Test): boolean =>
  passes(() => {
    new TestScheduler((actual, expected) => {
      if (!isDeepStrictEqual(structuredClone(actual), structuredClone(expected))) throw new Error('different');
    }).run(test);
  });

const inOurs = (test: Test): boolean =>
  passes(() => {
    agentMarbles(test);
  });

const values = { a: { x: 1 }, b: { x: 2 }, c: { x: 3 } };

const tests: Readonly<Record<string, Test>> = {
  'equal values': ({ cold, expectObservable }) => expectObservable(cold('-a-b|', values)).toBe('-a-b|', { ...values, a: { x: 1 } }),
  'another value': ({ cold, expectObservable }) => expectObservable(cold('-a-b|', values)).toBe('-a-b|', { ...values, b: { x: 9 } }),
  'another time': ({ cold, expectObservable }) => expectObservable(cold('-a-b|', values)).toBe('-a--b|', values),
  'letters of their own': ({ cold, expectObservable }) => expectObservable(cold('-a-b|')).toBe('-a-b|'),
  'a letter that is not among the values': ({ expectObservable }) => expectObservable(of('a')).toBe('(a|)', { b: 1 }),
  'letters of no values on both sides': ({ cold, expectObservable }) => expectObservable(cold('-a|', {})).toBe('-a|', {}),
  'another end': ({ cold, expectObservable }) => expectObservable(cold('-a-|')).toBe('-a--'),
  'the default error': ({ cold, expectObservable }) => expectObservable(cold('-a-#')).toBe('-a-#'),
  'an error in the place of the default one': ({ cold, expectObservable }) => expectObservable(cold('-#', {}, { why: 1 })).toBe('-#'),
  'inner Observables that come late': ({ cold, expectObservable }) => {
    const x = cold('-1-|');
    expectObservable(cold('---a|').pipe(map(() => x))).toBe('---x|', { x });
  },
  'an error': ({ cold, expectObservable }) => expectObservable(cold('-#', {}, { why: 1 })).toBe('-#', {}, { why: 1 }),
  'another error': ({ cold, expectObservable }) => expectObservable(cold('-#', {}, { why: 1 })).toBe('-#', {}, { why: 2 }),
  'a subscription': ({ hot, expectObservable }) => expectObservable(hot('a-b-c-d'), '-^---!').toBe('--b-c'),
  'a subscription that is left where something comes': ({ cold, expectObservable }) => expectObservable(cold('-a-b'), '^--!').toBe('-a'),
  'times that pass': ({ cold, expectObservable }) => expectObservable(cold('1s a 2ms (b|)')).toBe('1000ms a--(b|)'),
  'inner Observables': ({ cold, expectObservable }) => {
    const x = cold('-1-|');
    expectObservable(of('a', 'b').pipe(map(() => x))).toBe('(xx|)', { x });
  },
  'other inner Observables': ({ cold, expectObservable }) => {
    expectObservable(of('a').pipe(map(() => cold('-1-|')))).toBe('(x|)', { x: cold('-1--|') });
  },
  'another stream that is equal': ({ cold, expectObservable }) => expectObservable(cold('-a|')).toEqual(cold('-a|')),
  'another stream that is not': ({ cold, expectObservable }) => expectObservable(cold('-a|')).toEqual(cold('--a|')),
  subscriptions: ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-a-b');
    expectObservable(source, '-^-!').toBe('--a');
    expectObservable(source).toBe('-a-b');
    expectSubscriptions(source.subscriptions).toBe(['^', '-^-!']);
  },
  'subscriptions in one frame': ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('|');
    expectObservable(source).toBe('|');
    expectSubscriptions(source.subscriptions).toBe('(^!)');
  },
  'other subscriptions': ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-a-b');
    expectObservable(source, '-^-!').toBe('--a');
    expectSubscriptions(source.subscriptions).toBe('-^--!');
  },
  'no subscriptions': ({ cold, expectSubscriptions }) => expectSubscriptions(cold('-a').subscriptions).toBe([]),
  'no subscriptions where there are': ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-a');
    expectObservable(source).toBe('-a');
    expectSubscriptions(source.subscriptions).toBe([]);
  },
};

describe("RxJS's own expectations in agentMarbles", () => {
  for (const [name, test] of Object.entries(tests)) {
    it(`judge as RxJS judges: ${name}`, () => {
      expect(inOurs(test)).to.equal(inRxjs(test));
    });
  }

  it('pass and fail, each in some of these', () => {
    const passing = Object.values(tests).filter(inRxjs).length;
    expect([passing, Object.keys(tests).length - passing].every((count) => count > 5)).to.equal(true);
  });
});
