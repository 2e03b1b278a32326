import { expectTypeOf } from 'expect-type';
import { NEVER, type Observable } from 'rxjs';
import type { Json } from '../../lib/domain/json.js';
import type { EventEnvelope, StreamEvent, StreamEventOf } from '../../lib/domain/stream-event.js';
import { ofType } from '../../lib/operators/of-type.js';
import { itObeysTheOperatorLaws } from '../../lib/testing/laws/operator-laws.js';
import { stepStart, taskEnd, taskStart, tokenOf } from '../support/events.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const values = { s: taskStart, S: stepStart(1), t: tokenOf('a'), x: taskEnd() };

describe('ofType', () => {
  it('lets through the events of the given types', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-s-S-t-t-x-|', values);
      const subs = '       ^----------!';
      const one = '        -----t-t---|';
      const two = '        -s-------x-|';

      expectObservable(source.pipe(ofType('token'))).toBe(one, values);
      expectObservable(source.pipe(ofType('task_start', 'task_end'))).toBe(two, values);
      expectSubscriptions(source.subscriptions).toBe([subs, subs]);
    }));

  it('lets nothing through where no type is given', () =>
    agentMarbles(({ cold, expectObservable }) => {
      expectObservable(cold('-s-t-|', values).pipe(ofType())).toBe('-----|');
    }));

  it('lets through types that an environment reports of its own', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const p = { ...taskEnd(), type: 'page_loaded' } as unknown as StreamEvent;
      expectObservable(cold('-s-p-|', { ...values, p }).pipe(ofType('page_loaded'))).toBe('---p-|', { p });
      expectTypeOf(NEVER.pipe(ofType('page_loaded'))).toExtend<Observable<EventEnvelope<'page_loaded', Json>>>();
    }));

  itObeysTheOperatorLaws({ describe, it }, { make: () => ofType('token'), sample: tokenOf('a') });

  it('narrows to the types', () => {
    type Data = { readonly n: number };
    const plain$: Observable<StreamEvent> = NEVER;
    const typed$: Observable<StreamEvent<Data>> = NEVER;
    expectTypeOf(plain$.pipe(ofType('token', 'score'))).toEqualTypeOf<Observable<StreamEventOf<'token' | 'score'>>>();
    expectTypeOf(typed$.pipe(ofType('step_end'))).toEqualTypeOf<Observable<StreamEventOf<'step_end', Data>>>();
  });
});
