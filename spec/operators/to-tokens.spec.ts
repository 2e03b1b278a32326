import { expectTypeOf } from 'expect-type';
import type { OperatorFunction } from 'rxjs';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { toTokens } from '../../lib/operators/to-tokens.js';
import { stepStart, tokenOf } from '../support/events.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const values = {
  s: stepStart(1),
  t: tokenOf('think '),
  r: tokenOf('reason ', { channel: 'reasoning' }),
  e: tokenOf('see ', { source: 'purpose', channel: 'evidence' }),
};
const texts = { t: 'think ', r: 'reason ', e: 'see ' };

describe('toTokens', () => {
  it('gives the text of the tokens, of all sources and channels where none is named', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-s-t-r-e-|', values);
      const subs = '       ^--------!';
      const expected = '   ---t-r-e-|';

      expectObservable(source.pipe(toTokens())).toBe(expected, texts);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }));

  it('keeps to the source and the channel that are named', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const source = cold('-s-t-r-e-|', values);
      expectObservable(source.pipe(toTokens({ channel: 'thought' }))).toBe('---t-----|', texts);
      expectObservable(source.pipe(toTokens({ source: 'actor' }))).toBe('---t-r---|', texts);
      expectObservable(source.pipe(toTokens({ source: 'purpose', channel: 'thought' }))).toBe('---------|', texts);
    }));

  it('passes errors through and unsubscribes', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-t-#', values);
      expectObservable(source.pipe(toTokens())).toBe('-t-#', texts);
      expectObservable(source.pipe(toTokens()), '^-!').toBe('-t-', texts);
      expectSubscriptions(source.subscriptions).toBe(['^--!', '^-!']);
    }));

  it('turns events into strings', () => {
    expectTypeOf(toTokens()).toEqualTypeOf<OperatorFunction<StreamEvent, string>>();
  });
});
