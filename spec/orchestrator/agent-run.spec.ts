import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import { concat, map, NEVER, Observable, Subject, take, takeWhile, tap, throwError, type Subscription } from 'rxjs';
import type { ActorSignal } from '../../lib/actor/actor.js';
import { decided, token } from '../../lib/domain/signal.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import type { TaskResult } from '../../lib/domain/task.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { EventsNotHeldError } from '../../lib/errors/events-not-held-error.js';
import type { AgentRun } from '../../lib/orchestrator/agent-run.js';
import type { SomePorts } from '../../lib/testing/marbles/test-orchestrator.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { scriptedActor } from '../../lib/testing/scripts/scripted-actor.js';
import { scriptedEnvironment } from '../../lib/testing/scripts/scripted-environment.js';
import { scriptedPurposeFunction } from '../../lib/testing/scripts/scripted-purpose-function.js';
import { orchestrate } from '../support/orchestrate.js';
import { counting, typesOf } from '../support/ports.js';

const task = { purpose: 'go on' };
const startRun = (config: SomePorts = {}): AgentRun => orchestrate(config).runTaskStream(task);

/** A run whose actor says what the test pushes, one subject a subscription. */
const pushed = (config: SomePorts = {}) => {
  const actor$: Subject<ActorSignal>[] = [];
  const actor = {
    decide: () =>
      new Observable<ActorSignal>((subscriber) => {
        const subject = new Subject<ActorSignal>();
        actor$.push(subject);
        return subject.subscribe(subscriber);
      }),
  };
  const orchestrator = orchestrate({ actor, ...config });
  const told: StreamEvent[] = [];
  orchestrator.events$.subscribe((event) => told.push(event));
  return { run: orchestrator.runTaskStream(task), actor$, told };
};

/** What a subscriber sees: the types of the events, then `|` or `#`. */
const watch = (source: Observable<StreamEvent>): { seen: string[]; subscription: Subscription } => {
  const seen: string[] = [];
  const subscription = source.subscribe({
    next: ({ type }) => seen.push(type),
    error: () => seen.push('#'),
    complete: () => seen.push('|'),
  });
  return { seen, subscription };
};

/** A run as any subscriber sees it; one that is handed over itself is expected from its beginning. */
const live = (run: AgentRun): Observable<StreamEvent> => run.pipe(map((event) => event));

describe('AgentRun', () => {
  it('has one result$, however often it is asked for', () => {
    const run = startRun();
    expect(run.result$).to.equal(run.result$);
  });

  describe('is multicast', () => {
    it('shares one execution: later subscribers see what happens from then on, from(0) everything', () => {
      agentMarbles((m) => {
        const actor = m.actor('                   10ms t @30ms t @40ms (d|)');
        const run = m.run({ actor });
        m.expectRun(live(run)).toBe('             (Ss) @10ms t @30ms t @40ms (adE|)');
        m.expectRun(live(run), '20ms ^').toBe('                @30ms t @40ms (adE|)');
        m.expectRun(run.from(0), '20ms ^').toBe(' 20ms (Sst)    @30ms t @40ms (adE|)');
        m.expectCalls(actor).toBe('               ^ 39ms !');
      });
    });

    it('ends the actor in the frame in which the last subscriber leaves', () => {
      agentMarbles((m) => {
        const actor = m.actor('                            10ms t @30ms t @40ms (d|)');
        const run = m.run({ actor });
        m.expectRun(live(run), '^ 14ms !').toBe('     (Ss) @10ms t');
        m.expectRun(live(run), '5ms ^ 19ms !').toBe('      @10ms t');
        m.expectTeardown().toBe('                          25ms !');
        m.expectCalls(actor).toBe('                        ^ 24ms !');
      });
    });

    it('does nothing before its first subscriber', () => {
      let asked = 0;
      startRun({ actor: { decide: () => ((asked += 1), decided({ name: 'DONE' })) } });
      expect(asked).to.equal(0);
    });

    it('asks once a decision and once an evaluation, however many subscribe and derive', () => {
      const purposeFunction = scriptedPurposeFunction([9]);
      const { run, actor$ } = pushed({ purposeFunction });
      const all = Array.from({ length: 10 }, () => watch(run));
      watch(run.pipe(map((event) => event)));
      run.result$.subscribe();
      run.from(0).subscribe();
      actor$[0]?.next(decided({ name: 'look' }));
      expect([purposeFunction.calls.length, actor$.length]).to.deep.equal([1, 1]);
      expect(new Set(all.slice(1).map(({ seen }) => seen.join())).size).to.equal(1);
      expect(all[0]?.seen.slice(2)).to.deep.equal(all[1]?.seen);
      expect(watch(run).seen).to.deep.equal(['|']);
      expect([purposeFunction.calls.length, actor$.length]).to.deep.equal([1, 1]);
    });

    it('gives who comes after the end the completion or the error alone', () => {
      const finished = startRun();
      finished.subscribe();
      expect(watch(finished).seen).to.deep.equal(['|']);

      const failed = startRun({ actor: { decide: () => throwError(() => new Error('no')) } });
      failed.subscribe({ error: () => undefined });
      expect(watch(failed).seen).to.deep.equal(['#']);
    });

    it('is not disturbed by a subscriber that throws', () => {
      const { run, actor$ } = pushed();
      const subscription = run
        .pipe(
          map(({ type }) => {
            if (type === 'token') throw new Error('my own mistake');
          }),
        )
        .subscribe({ error: () => undefined });
      const other = watch(run);
      actor$[0]?.next(token('t'));
      actor$[0]?.next(decided({ name: 'DONE' }));
      expect(subscription.closed).to.equal(true);
      expect(other.seen).to.deep.equal(['token', 'action', 'done', 'task_end', '|']);
    });
  });

  describe('delivers in order', () => {
    it('what a subscriber causes comes after the event it is in, to everyone', () => {
      const { run, actor$ } = pushed();
      const first: string[] = [];
      run.subscribe(({ type }) => {
        first.push(type);
        if (type === 'token') actor$[0]?.next(decided({ name: 'DONE' }));
      });
      const second = watch(run);
      actor$[0]?.next(token('t'));
      const rest = ['token', 'action', 'done', 'task_end'];
      expect(first).to.deep.equal(['task_start', 'step_start', ...rest]);
      expect(second.seen).to.deep.equal([...rest, '|']);
    });

    it('a subscription made inside next sees what comes after that event, and from(0) everything once', () => {
      const { run, actor$ } = pushed();
      let live: string[] = [];
      let whole: string[] = [];
      run.subscribe(({ type }) => {
        if (type !== 'token') return;
        live = watch(run).seen;
        whole = watch(run.from(0)).seen;
      });
      actor$[0]?.next(token('t'));
      actor$[0]?.next(decided({ name: 'DONE' }));
      expect(live).to.deep.equal(['action', 'done', 'task_end', '|']);
      expect(whole).to.deep.equal(['task_start', 'step_start', 'token', 'action', 'done', 'task_end', '|']);
    });

    it('tells events$ after the subscribers of the run', () => {
      const order: string[] = [];
      const orchestrator = orchestrate();
      orchestrator.events$.subscribe(({ seq }) => order.push(`all ${seq}`));
      orchestrator.runTaskStream(task).subscribe(({ seq }) => order.push(`run ${seq}`));
      expect(order).to.deep.equal([0, 1, 2, 3, 4].flatMap((seq) => [`run ${seq}`, `all ${seq}`]));
    });
  });

  describe('from', () => {
    it('gives the events from a number on without gap or repeat, then the live ones', () => {
      const { run, actor$ } = pushed();
      run.subscribe();
      actor$[0]?.next(token('a'));
      const late: number[] = [];
      run.from(1).subscribe(({ seq }) => late.push(seq));
      const ahead: number[] = [];
      run.from(4).subscribe(({ seq }) => ahead.push(seq));
      actor$[0]?.next(token('b'));
      actor$[0]?.next(decided({ name: 'DONE' }));
      expect(late).to.deep.equal([1, 2, 3, 4, 5, 6]);
      expect(ahead).to.deep.equal([4, 5, 6]);
    });

    it('replays a finished run, and its error', () => {
      const finished = startRun();
      finished.subscribe();
      expect(watch(finished.from(0)).seen).to.deep.equal(['task_start', 'step_start', 'action', 'done', 'task_end', '|']);
      const failed = startRun({ actor: { decide: () => throwError(() => new Error('no')) } });
      failed.subscribe({ error: () => undefined });
      expect(watch(failed.from(2)).seen).to.deep.equal(['task_end', '#']);
    });

    it('starts the run and holds it like any other subscriber', () => {
      const { run, actor$, told } = pushed();
      const { subscription, seen } = watch(run.from(0));
      expect(actor$).to.have.length(1);
      subscription.unsubscribe();
      expect(seen).to.deep.equal(['task_start', 'step_start']);
      expect(told.at(-1)?.type).to.equal('task_end');
    });

    it('errors with EventsNotHeldError for what is no longer held, and the run goes on', () => {
      const { run, actor$ } = pushed({ retainEvents: 2 });
      const watcher = watch(run);
      actor$[0]?.next(token('a'));
      const errors: unknown[] = [];
      run.from(0).subscribe({ error: (error: unknown) => errors.push(error) });
      expect(errors[0]).to.be.instanceOf(EventsNotHeldError);
      expect(errors[0]).to.deep.include({ seq: 0, oldest: 1, isRetryable: false });
      expect(watch(run.from(1)).seen).to.deep.equal(['step_start', 'token']);
      expect(watcher.seen).to.deep.equal(['task_start', 'step_start', 'token']);
    });

    for (const seq of [-1, 0.5, NaN]) {
      it(`refuses ${seq} at the door`, () => {
        expect(() => startRun().from(seq)).to.throw(ContractError, `from(${seq})`);
      });
    }

    it('replays no further to who has left', () => {
      const { run, actor$ } = pushed();
      run.subscribe();
      for (let index = 0; index < 5; index += 1) actor$[0]?.next(token('a'));
      let replayed = 0;
      run
        .from(0)
        .pipe(
          tap(() => (replayed += 1)),
          take(2),
        )
        .subscribe();
      expect(replayed).to.equal(2);
    });

    it('holds nothing where retainEvents is 0', () => {
      const { run, actor$ } = pushed({ retainEvents: 0 });
      run.subscribe();
      expect(watch(run.from(0)).seen).to.deep.equal(['#']);
      const live = watch(run.from(2));
      actor$[0]?.next(decided({ name: 'DONE' }));
      expect(live.seen).to.deep.equal(['action', 'done', 'task_end', '|']);
    });
  });

  describe('leaving', () => {
    it('tears down what is under way before unsubscribe returns, and tells events$', () => {
      const { run, actor$, told } = pushed();
      const { seen, subscription } = watch(run);
      expect(actor$[0]?.observed).to.equal(true);
      subscription.unsubscribe();
      expect(actor$[0]?.observed).to.equal(false);
      expect(seen).to.deep.equal(['task_start', 'step_start']);
      expect(told.at(-1)?.data).to.deep.include({ stopReason: 'cancelled', reason: 'The last subscriber left.' });
    });

    it('goes on while anybody is left', () => {
      const { run, actor$ } = pushed();
      const one = watch(run);
      const other = watch(run);
      one.subscription.unsubscribe();
      actor$[0]?.next(decided({ name: 'DONE' }));
      expect(other.seen).to.deep.equal(['action', 'done', 'task_end', '|']);
    });

    it('is final', () => {
      const { run, actor$ } = pushed();
      expect(watch(concat(run.pipe(take(1)), run)).seen).to.deep.equal(['task_start', '|']);
      expect(actor$).to.have.length(0);
    });

    for (const index of [0, 1, 2, 3, 4, 5, 6, 7, 8]) {
      it(`at event ${index} of a synchronous run lets nothing start after it`, () => {
        agentMarbles((m) => {
          const [actor, environment, purposeFunction] = [m.actor('(ta|)'), m.environment('(s|)'), m.purposeFunction('(t0|)')];
          const started = (): readonly number[] => [actor, environment, purposeFunction].map(({ calls }) => calls.length);
          const seen: (readonly number[])[] = [];
          m.run({ actor, environment, purposeFunction })
            .pipe(take(index + 1))
            .subscribe(() => seen.push(started()));
          expect(seen).to.have.length(index + 1);
          expect(started()).to.deep.equal(seen[index]);
        });
      });
    }

    it('inside task_end changes nothing', () => {
      const told: StreamEvent[] = [];
      const orchestrator = orchestrate();
      orchestrator.events$.subscribe((event) => told.push(event));
      const run = orchestrator.runTaskStream(task);
      run
        .pipe(
          tap(({ type }) => {
            if (type === 'task_end') run.cancel('too late');
          }),
          takeWhile(({ type }) => type !== 'task_end'),
        )
        .subscribe();
      expect(typesOf(told).filter((type) => type === 'task_end')).to.have.length(1);
      expect(told.at(-1)?.data).to.deep.include({ stopReason: 'done' });
    });
  });

  describe('detached', () => {
    it('marks the same run, does not start it, and lets it go on with nobody watching', () => {
      const { run, actor$, told } = pushed();
      expect(run.detached()).to.equal(run);
      expect(actor$).to.have.length(0);
      run.pipe(take(1)).subscribe();
      actor$[0]?.next(decided({ name: 'DONE' }));
      expect(told.at(-1)?.data).to.deep.include({ stopReason: 'done' });
    });

    it('throws nothing where it fails unwatched', () => {
      const { run, actor$, told } = pushed();
      run.detached().pipe(take(1)).subscribe();
      actor$[0]?.error(new Error('nobody hears'));
      expect(told.at(-1)?.data).to.deep.include({ stopReason: 'failed' });
      expect(watch(run).seen).to.deep.equal(['#']);
    });
  });

  describe('cancel', () => {
    it('tears down first, then gives everyone task_end and the completion', () => {
      const { run, actor$ } = pushed();
      const observed: boolean[] = [];
      const one = watch(run);
      run.subscribe(({ type }) => type === 'task_end' && observed.push(actor$[0]?.observed ?? true));
      run.cancel('the user pressed stop');
      expect(one.seen).to.deep.equal(['task_start', 'step_start', 'task_end', '|']);
      expect(observed).to.deep.equal([false]);
    });

    it('says why in task_end, and in the result', () => {
      const { run, told } = pushed();
      const results: TaskResult[] = [];
      run.result$.subscribe((result) => results.push(result));
      run.cancel('enough');
      expect(told.at(-1)?.data).to.deep.include({ stopReason: 'cancelled', reason: 'enough' });
      expect(results[0]?.stopReason).to.equal('cancelled');
    });

    it('before the start lets nothing run: the empty sequence', () => {
      const { run, actor$, told } = pushed();
      run.cancel();
      expect(watch(run).seen).to.deep.equal(['|']);
      const results: unknown[] = [];
      run.result$.subscribe({ next: (result) => results.push(result), complete: () => results.push('|') });
      expect(results).to.deep.equal(['|']);
      expect([actor$.length, told.length]).to.deep.equal([0, 0]);
    });

    it('while reset has not answered tells a start without a state', () => {
      const { run } = pushed({ environment: counting({ reset: () => NEVER }) });
      const { seen } = watch(run);
      run.cancel();
      expect(seen).to.deep.equal(['task_start', 'task_end', '|']);
    });

    it('inside next is delivered after that event', () => {
      const { run, actor$ } = pushed();
      run.subscribe(({ type }) => {
        if (type === 'token') run.cancel();
      });
      const other = watch(run);
      actor$[0]?.next(token('t'));
      expect(other.seen).to.deep.equal(['token', 'task_end', '|']);
    });

    it('inside the task_end of a failed run leaves it its error', () => {
      const { run, actor$ } = pushed();
      const seen: string[] = [];
      run.subscribe({
        next: ({ type }) => {
          seen.push(type);
          if (type === 'task_end') run.cancel();
        },
        error: () => seen.push('#'),
      });
      actor$[0]?.error(new Error('no'));
      expect(seen).to.deep.equal(['task_start', 'step_start', 'task_end', '#']);
    });

    it('tells whatever it is given as a reason in words', () => {
      const { run, told } = pushed();
      run.subscribe();
      run.cancel(new Error('out of money') as never);
      expect(told.at(-1)?.data).to.deep.include({ reason: 'out of money' });
    });

    it('twice is once', () => {
      const { run } = pushed();
      const { seen } = watch(run);
      run.cancel();
      run.cancel();
      expect(seen.filter((type) => type === 'task_end')).to.have.length(1);
    });
  });

  describe('result$', () => {
    it('emits the result once, also after the end', () => {
      const environment = scriptedEnvironment([{ data: { n: 1 } }], { initialState: { data: { n: 0 } } });
      const run = orchestrate({ actor: scriptedActor(['look', 'DONE']), environment }).runTaskStream(task);
      const results: TaskResult[] = [];
      run.result$.subscribe((result) => results.push(result));
      run.result$.subscribe((result) => results.push(result));
      expect(results).to.have.length(2);
      expect(results[0]).to.deep.equal(results[1]);
      expect(results[0]).to.deep.include({ runId: run.runId, stopReason: 'done', finalState: { data: { n: 1 } } });
    });

    it('errors with the error of a failed run', () => {
      const cause = new Error('no');
      const errors: unknown[] = [];
      startRun({ actor: { decide: () => throwError(() => cause) } }).result$.subscribe({ error: (error: unknown) => errors.push(error) });
      expect(errors).to.deep.equal([cause]);
    });

    it('cancels the run when it is the last to leave', () => {
      const { run, actor$ } = pushed();
      run.result$.subscribe().unsubscribe();
      expect(actor$[0]?.observed).to.equal(false);
    });
  });

  it('stamps events with the time of the scheduler', () => {
    agentMarbles((m) => {
      const stamps: number[] = [];
      m.run({ actor: m.actor('10ms t @30ms (d|)') }).subscribe(({ timestamp }) => stamps.push(timestamp));
      m.flush();
      expect(stamps).to.deep.equal([0, 0, 10, 30, 30, 30]);
    });
  });

  it('is an Observable of the events of its data, and a run of any data', () => {
    type Data = { readonly n: number };
    expectTypeOf<AgentRun<Data>>().toExtend<Observable<StreamEvent<Data>>>();
    expectTypeOf<AgentRun<Data>>().toExtend<AgentRun>();
  });
});
