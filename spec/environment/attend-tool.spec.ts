import { expect } from 'chai';
import { asyncScheduler, concat, lastValueFrom, map, NEVER, Observable, of, Subject, throwError, timer } from 'rxjs';
import type { Signal } from '../../lib/domain/signal.js';
import { attendTool, type AttendToolConfig } from '../../lib/environment/attend-tool.js';
import { toolProgress } from '../../lib/environment/tool.js';
import type { ToolSignal } from '../../lib/environment/tool-signal.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { never, promiseOf, TimedIterable } from '../support/thenables.js';
import { expectNoUnhandledRejection } from '../support/unhandled-rejections.js';

const called = { callId: '1.1', name: 'x' };

const end = (data: object) => ({ type: 'tool_end', data: { ...called, ...data } });
const ended = (output: unknown) => end({ ok: true, output });
const timedOut = end({ ok: false, error: 'timed out after 5 ms', settlement: 'timeout' });
const unsettled = end({
  ok: false,
  error: 'timed out after 5 ms and did not stop within 3 ms: it may still be at work',
  settlement: 'unsettled',
});
const progress = (value: unknown) => ({ type: 'tool_progress', data: { ...called, value } });
const late = (data: object) => ({ type: 'tool_late_result', data: { ...called, ...data } });

/** The work of a call under a timeout of 5 ms and 3 ms to settle, what is told of it beside, and its abort signal. */
const attend = (work: (signal: AbortSignal) => unknown, config: Partial<AttendToolConfig> = {}) => {
  const controller = new AbortController();
  const told: (readonly [time: number, signal: Signal])[] = [];
  const attended$: Observable<ToolSignal> = attendTool({
    called,
    work: () => work(controller.signal),
    abort: (reason) => {
      controller.abort(reason);
    },
    timeout: 5,
    settleWithin: 3,
    maxOutput: 1_000,
    scheduler: asyncScheduler,
    tell: (signal) => told.push([asyncScheduler.now(), signal]),
    ...config,
  });
  return { attended$, told, signal: controller.signal };
};

const result = (value: unknown, ms: number) => timer(ms).pipe(map(() => value));
const rejected = (error: unknown, ms: number) =>
  timer(ms).pipe(
    map((): never => {
      throw error;
    }),
  );
const yielded = (value: unknown, ms: number) => () => promiseOf(result({ done: false, value }, ms) as Observable<IteratorResult<unknown>>);
const returned = (ms: number) => () => promiseOf(result({ done: true, value: undefined }, ms) as Observable<IteratorResult<unknown>>);

/** What rejects with the reason of a signal as soon as that is aborted, as `fetch` does. */
const obedient = (signal: AbortSignal, ms = 0): PromiseLike<never> =>
  promiseOf(
    new Observable<never>((subscriber) => {
      signal.addEventListener('abort', () => {
        const refuse = (): void => {
          subscriber.error(signal.reason);
        };
        if (ms === 0) refuse();
        else subscriber.add(timer(ms).subscribe(refuse));
      });
    }),
  );

describe('attendTool', () => {
  it('gives progress as it comes and the last bare value at the end', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const work = cold('    -a-p-b|', { a: 'a', b: 'b', p: toolProgress('half') });
      const subscribed = '   ^-----!';
      const expected = '     ---p--(e|)';
      const { attended$ } = attend(() => work, { timeout: 100 });

      expectObservable<object>(attended$).toBe(expected, { p: progress('half'), e: ended('b') });
      expectSubscriptions(work.subscriptions).toBe(subscribed);
    }));

  describe('the timeout', () => {
    it('sets no timer for work that ends inside its own subscribe', () =>
      agentMarbles(({ pendingTimers }) => {
        for (const work of [() => 1, () => of(1), () => throwError(() => new Error('no'))]) attend(work).attended$.subscribe();
        expect(pendingTimers()).to.deep.equal([]);
        let scheduled = 0;
        const counting = { now: () => 0, schedule: () => ((scheduled += 1), timer(0).subscribe()) };
        attend(() => of(1), { scheduler: counting }).attended$.subscribe();
        expect(scheduled).to.equal(0);
      }));

    it('clears its timer at the end of the work, and when that is left', () =>
      agentMarbles(({ pendingTimers, at, flush }) => {
        const { attended$ } = attend(() => result('v', 2));
        attended$.subscribe();
        at(3, () => expect(pendingTimers()).to.deep.equal([]));
        flush();
        attend(() => NEVER)
          .attended$.subscribe()
          .unsubscribe();
        expect(pendingTimers()).to.deep.equal([]);
      }));

    it('is none where it is null', () =>
      agentMarbles(({ expectObservable, cold }) => {
        const { attended$ } = attend(() => cold('50m (v|)', { v: 'v' }), { timeout: null });
        expectObservable<object>(attended$).toBe('50m (v|)', { v: ended('v') });
      }));

    it('ends an Observable at once: it is torn down, and its signal aborted with a reason that says so', () =>
      agentMarbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
        const work = cold('  -a-p------', { p: toolProgress(1) });
        const subscribed = ' ^----!';
        const expected = '   ---p-(t|)';
        const { attended$, signal, told } = attend(() => work);

        expectObservable<object>(attended$).toBe(expected, { p: progress(1), t: timedOut });
        expectSubscriptions(work.subscriptions).toBe(subscribed);
        flush();
        expect(signal.aborted).to.equal(true);
        expect(signal.reason).to.include({ name: 'TimeoutError', message: 'timed out after 5 ms' });
        expect(told).to.deep.equal([]);
      }));

    it('ends a Promise as soon as that obeys its signal, and says no more of it', () =>
      agentMarbles(({ expectObservable, flush }) => {
        const expected = '-----(t|)';
        const slowly = '  -------(t|)';
        const atOnce = attend((signal) => obedient(signal));
        const later = attend((signal) => obedient(signal, 2));

        expectObservable<object>(atOnce.attended$).toBe(expected, { t: timedOut });
        expectObservable<object>(later.attended$).toBe(slowly, { t: timedOut });
        flush();
        expect([...atOnce.told, ...later.told]).to.deep.equal([]);
      }));

    it('asks a Promise once, as query builders do their work each time that they are asked', () =>
      agentMarbles(({ expectObservable, flush }) => {
        let asked = 0;
        const query = (): PromiseLike<unknown> => ({
          // oxlint-disable-next-line unicorn/no-thenable -- what query builders are
          then: (...handlers) => {
            asked += 1;
            return promiseOf(result('v', 9)).then(...handlers);
          },
        });
        const { attended$, told } = attend(query);
        expectObservable<object>(attended$).toBe('--------(u|)', { u: unsettled });
        flush();
        expect(asked).to.equal(1);
        expect(told).to.deep.equal([[9, late({ ok: true, output: 'v' })]]);

        attend(query).attended$.subscribe().unsubscribe();
        expect(asked).to.equal(2);
      }));

    it('tells what a Promise delivers while it is waited for, after its end', () =>
      agentMarbles(({ expectObservable, flush }) => {
        const order: unknown[] = [];
        const { attended$ } = attend(() => promiseOf(result('v', 7)), { tell: (signal) => order.push(signal) });
        attended$.subscribe((item) => order.push(item));

        expectObservable<object>(attend(() => promiseOf(result('v', 7))).attended$).toBe('-------(t|)', { t: timedOut });
        flush();
        expect(order).to.deep.equal([timedOut, late({ ok: true, output: 'v' })]);
      }));

    const fault = new Error('it broke');
    const deliveries: readonly (readonly [what: string, work: () => unknown, told: object])[] = [
      ['a result', () => promiseOf(result({ at: 'last' }, 20)), { ok: true, output: { at: 'last' } }],
      ['nothing', () => promiseOf(result(undefined, 20)), { ok: true, output: null }],
      [
        'what is not JSON',
        () => promiseOf(result(10n, 20)),
        { ok: false, error: 'the result of the tool is not JSON: Do not know how to serialize a BigInt' },
      ],
      ['a failure', () => promiseOf(rejected(fault, 20)), { ok: false, error: 'it broke' }],
      ['a value of an async iterable', () => new TimedIterable({ answers: [yielded('v', 20)] }), { ok: true, output: 'v' }],
      [
        'the end of an async iterable, with its last value',
        () => new TimedIterable({ answers: [yielded('first', 2), returned(18)] }),
        { ok: true, output: 'first' },
      ],
      [
        'the failure of an async iterable to clean up',
        () => new TimedIterable({ answers: [yielded(toolProgress(1), 20)], release: () => promiseOf(rejected(fault, 15)) }),
        { ok: false, error: 'it broke' },
      ],
    ];
    for (const [what, work, outcome] of deliveries) {
      it(`leaves work that ignores its signal unsettled, and tells later of ${what}`, () =>
        agentMarbles(({ expectObservable, flush, pendingTimers }) => {
          const { attended$, told, signal } = attend(work);

          expectObservable<object>(attended$).toBe('--------(u|)', { u: unsettled });
          flush();
          expect(told).to.deep.equal([[20, late(outcome)]]);
          expect(signal.aborted).to.equal(true);
          expect(pendingTimers()).to.deep.equal([]);
        }));
    }

    it('tells that unsettled work obeys after all', () =>
      agentMarbles(({ expectObservable, flush }) => {
        const { attended$, told } = attend((signal) => obedient(signal, 10));
        expectObservable<object>(attended$).toBe('--------(u|)', { u: unsettled });
        flush();
        expect(told).to.deep.equal([[15, late({ ok: false, error: 'timed out after 5 ms' })]]);
      }));

    it('waits until an async iterable has cleaned up', () =>
      agentMarbles(({ expectObservable, flush }) => {
        const work = new TimedIterable({
          answers: [() => promiseOf(rejected(new DOMException('stopped', 'AbortError'), 6))],
          release: returned(2),
        });
        const { attended$, told } = attend(() => work);
        expectObservable<object>(attended$).toBe('-------(t|)', { t: timedOut });
        flush();
        expect([work.released, told]).to.deep.equal([1, []]);
      }));

    it('keeps to its scheduler where work gives an end in the same moment', () =>
      agentMarbles(({ expectObservable }) => {
        expectObservable<object>(attend(() => result('v', 4)).attended$).toBe('----(e|)', { e: ended('v') });
      }));

    it('knows a Promise of the runtime that rejects late, and leaves none unhandled', async () => {
      const seen: unknown[] = [];
      await expectNoUnhandledRejection(async () => {
        const refused = new Subject<never>();
        const work = lastValueFrom(refused);
        // A scheduler that lets all time pass at once.
        const hasty = {
          now: () => 0,
          schedule: (act: () => void) => (queueMicrotask(act), timer(0).subscribe()),
        } as unknown as typeof asyncScheduler;
        attend(() => work, { scheduler: hasty, tell: (signal) => seen.push(signal) }).attended$.subscribe((item) => seen.push(item));
        await Promise.resolve();
        await Promise.resolve();
        refused.error(new Error('too late'));
      });
      expect(seen).to.deep.equal([unsettled, late({ ok: false, error: 'too late' })]);
    });
  });

  describe('leaving', () => {
    const works: readonly (readonly [what: string, work: (signal: AbortSignal) => unknown, delivers: boolean])[] = [
      ['an Observable', () => result('v', 6), false],
      ['a Promise that ignores its signal', () => promiseOf(result('v', 12)), true],
      ['a Promise that obeys its signal', (signal) => obedient(signal), false],
      [
        'an async iterable',
        () =>
          new TimedIterable({
            answers: [() => promiseOf(of({ done: false, value: toolProgress(1) })), yielded('v', 12)],
            release: () => never(),
          }),
        true,
      ],
    ];
    for (const [what, work, delivers] of works) {
      for (let frame = 0; frame < 12; frame += 1) {
        it(`aborts and clears everything of ${what} after ${frame} ms`, () =>
          agentMarbles(({ at, flush, pendingTimers }) => {
            const { attended$, told, signal } = attend(work, { timeout: 10 - (frame % 3) });
            const items: ToolSignal[] = [];
            const subscription = attended$.subscribe((item) => items.push(item));
            let hasEnded = false;
            at(frame, () => {
              hasEnded = subscription.closed;
              subscription.unsubscribe();
              items.length = 0;
              const endedByItself = hasEnded && !signal.aborted;
              expect(signal.aborted).to.equal(!endedByItself);
              // The work itself may have a timer; the call has none.
              if (!delivers) expect(pendingTimers()).to.deep.equal([]);
            });
            flush();
            expect(items).to.deep.equal([]);
            expect(pendingTimers()).to.deep.equal([]);
            const outcomes = told.map(([, { data }]) => data);
            expect(outcomes).to.deep.equal(delivers ? [late({ ok: true, output: 'v' }).data] : []);
          }));
      }
    }

    it('clears the timer of work that is waited for to settle', () =>
      agentMarbles(({ at, flush, pendingTimers }) => {
        const subscription = attend(() => never()).attended$.subscribe();
        attend((signal) => obedient(signal)).attended$.subscribe();
        at(6, () => {
          expect(pendingTimers()).to.deep.equal([8]);
          subscription.unsubscribe();
          expect(pendingTimers()).to.deep.equal([]);
        });
        flush();
      }));

    it('tells what was delivered while the rest of the work was waited for to settle', () =>
      agentMarbles(({ at, flush }) => {
        const work = new TimedIterable({ answers: [yielded('v', 6)], release: () => never() });
        const { attended$, told } = attend(() => work);
        const subscription = attended$.subscribe();
        at(7, () => {
          expect(told).to.deep.equal([]);
          subscription.unsubscribe();
        });
        flush();
        expect(told).to.deep.equal([[7, late({ ok: true, output: 'v' })]]);
      }));

    it('aborts with a reason that is not that of a timeout', () => {
      const { attended$, signal } = attend(() => NEVER);
      attended$.subscribe().unsubscribe();
      expect(signal.reason).to.have.property('name', 'AbortError');
    });

    it('asks an Observable for nothing whose tool left inside its own run, and hears a Promise out', async () => {
      const subject = new Subject();
      const seen: unknown[] = [];
      const leaving = (given: unknown) => {
        const stop = new Subject<void>();
        const { attended$ } = attend(
          () => {
            stop.next();
            return given;
          },
          { tell: (signal) => seen.push(signal) },
        );
        const subscription = attended$.subscribe((item) => seen.push(item));
        subscription.unsubscribe();
      };
      leaving(subject);
      expect(subject.observed).to.equal(false);
      await expectNoUnhandledRejection(() => {
        leaving(Promise.reject(new Error('too late')));
      });
      expect(seen).to.deep.equal([late({ ok: false, error: 'too late' })]);
    });

    it('leaves the signal of work that ended alone', () => {
      for (const work of [() => 1, () => throwError(() => new Error('no'))]) {
        const { attended$, signal } = attend(work);
        attended$.subscribe().unsubscribe();
        expect(signal.aborted).to.equal(false);
      }
    });
  });

  it('cuts an output, a progress value, a failure and a late result to the limit', () =>
    agentMarbles(({ flush }) => {
      const long = 'x'.repeat(1_000);
      const items: unknown[] = [];
      const run = (work: () => unknown): void => {
        attend(work, { maxOutput: 100, tell: (signal) => items.push(signal.data) }).attended$.subscribe(({ data }) => items.push(data));
      };
      run(() => concat(of(toolProgress(long)), of([long])));
      run(() => throwError(() => new Error(long)));
      run(() => promiseOf(result(long, 20)));
      flush();
      expect(items).to.have.length(5);
      for (const item of items) {
        const { value, output, error } = item as Record<string, unknown>;
        expect(JSON.stringify(output ?? value ?? error).length).to.be.at.most(100);
      }
    }));

  it('ends work whose progress is not JSON, and aborts its signal', () => {
    const work = new Subject<unknown>();
    const { attended$, signal } = attend(() => work);
    const items: unknown[] = [];
    attended$.subscribe((item) => items.push(item));
    work.next(toolProgress(() => 1));
    const error = 'the progress of the tool is not JSON: the value is function, which JSON cannot hold';
    expect(items).to.deep.equal([end({ ok: false, error })]);
    expect([signal.aborted, work.observed]).to.deep.equal([true, false]);
  });
});
