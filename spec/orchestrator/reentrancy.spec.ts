import { expect } from 'chai';
import { config as rxConfig, finalize, merge, NEVER, Observable, of, Subject, Subscription, take } from 'rxjs';
import type { ActorSignal } from '../../lib/actor/actor.js';
import type { Signal } from '../../lib/domain/signal.js';
import type { State } from '../../lib/domain/state.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { decided, scored, signal, token } from '../../lib/domain/signal.js';
import type { Trajectory } from '../../lib/domain/trajectory.js';
import { createOrchestrator } from '../../lib/orchestrator/orchestrator.js';
import type { PurposeSignal } from '../../lib/purpose/purpose-function.js';
import { quietPorts } from '../../lib/testing/marbles/quiet-ports.js';
import { scriptedActor } from '../../lib/testing/scripts/scripted-actor.js';
import { scriptedEnvironment } from '../../lib/testing/scripts/scripted-environment.js';
import { scriptedPurposeFunction } from '../../lib/testing/scripts/scripted-purpose-function.js';
import { orchestrate } from '../support/orchestrate.js';
import { counting, typesOf } from '../support/ports.js';

const task = { purpose: 'go on' };

/** The first decision is pushed by the test; all later ones are made at once. Nothing is to be executed. */
const pushed = () => {
  const actor$ = new Subject<ActorSignal>();
  const environment = scriptedEnvironment([]);
  const recorded: Trajectory[] = [];
  const orchestrator = orchestrate({
    actor: { decide: ({ step }) => (step === 1 ? actor$ : decided({ name: 'look' })) },
    environment,
    experience: { recall: () => [], record: (trajectory) => void recorded.push(trajectory) },
  });
  return { actor$, environment, recorded, run: orchestrator.runTaskStream({ ...task, maxSteps: 10 }) };
};

/** Gives a value a moment later, and cannot be let go. */
const failing = <T>(value: T) =>
  new Observable<T>((subscriber) => {
    queueMicrotask(() => subscriber.next(value));
    return () => {
      throw new Error('cannot let go');
    };
  });

describe('a run whose subscribers and ports act on each other', () => {
  describe('a port that goes on after its final value', () => {
    const after: Readonly<Record<string, (environment$: Subject<State | Signal>) => void>> = {
      'a second state': (environment$) => environment$.next({ data: { second: true } }),
      'a late report': (environment$) => environment$.next(signal('tool_end', { callId: '1', name: 'x', ok: true })),
      'an error': (environment$) => environment$.error(new Error('too late')),
    };
    for (const [what, act] of Object.entries(after)) {
      it(`is not heard: ${what} of the environment while its state is being judged`, () => {
        const environment$ = new Subject<State | Signal>();
        const events: StreamEvent[] = [];
        orchestrate({
          actor: scriptedActor(['look']),
          environment: counting({ execute: () => environment$ }),
          purposeFunction: scriptedPurposeFunction([9]),
        })
          .runTaskStream(task)
          .subscribe((event) => {
            events.push(event);
            if (event.type === 'score') act(environment$);
          });
        environment$.next({ data: { first: true } });
        expect(typesOf(events).slice(3)).to.deep.equal(['score', 'step_end', 'early_stop', 'task_end']);
        expect(environment$.observed).to.equal(false);
      });
    }

    it('is let go before its final value is delivered, and an error of it is not heard', () => {
      const actor$ = new Subject<ActorSignal>();
      const observed: boolean[] = [];
      const types: string[] = [];
      orchestrate({ actor: { decide: () => actor$ } })
        .runTaskStream(task)
        .subscribe(({ type }) => {
          types.push(type);
          if (type !== 'action') return;
          observed.push(actor$.observed);
          actor$.error(new Error('after the end'));
        });
      actor$.next(decided({ name: 'DONE' }));
      expect(observed).to.deep.equal([false]);
      expect(types).to.deep.equal(['task_start', 'step_start', 'action', 'done', 'task_end']);
    });
  });

  describe('a subscriber that lets the run go on while it takes an event', () => {
    it('still stops it before the action is executed', () => {
      const { actor$, environment, run } = pushed();
      const types: string[] = [];
      run.subscribe(({ type }) => {
        types.push(type);
        if (type === 'token') actor$.next(decided({ name: 'look' }));
        if (type === 'action') run.cancel('stop before it executes');
      });
      actor$.next(token('x'));
      environment.verify();
      expect(types).to.deep.equal(['task_start', 'step_start', 'token', 'action', 'task_end']);
    });

    it('still stops it before the next decision is asked for', () => {
      const score$ = new Subject<PurposeSignal>();
      const actor = scriptedActor(['look']);
      const run = orchestrate({ actor, purposeFunction: { evaluate: () => score$ } }).runTaskStream(task);
      const types: string[] = [];
      run.subscribe(({ type }) => {
        types.push(type);
        if (type === 'token') score$.next(scored({ phiBefore: 0, phiAfter: 1, evidence: 'seen' }));
        if (type === 'step_end') run.cancel('stop before it decides');
      });
      score$.next(token('x'));
      actor.verify();
      expect(types).to.deep.equal(['task_start', 'step_start', 'action', 'token', 'score', 'step_end', 'task_end']);
    });

    it('has nothing recorded of it where it leaves before task_end', () => {
      const { actor$, environment, recorded, run } = pushed();
      const subscription = new Subscription();
      subscription.add(
        run.subscribe(({ type }) => {
          if (type !== 'token') return;
          actor$.next(decided({ name: 'DONE' }));
          subscription.unsubscribe();
        }),
      );
      actor$.next(token('x'));
      expect(recorded).to.deep.equal([]);
      environment.verify();
    });

    it('gets every event in order, however many steps it lets go on', () => {
      const approval$ = new Subject<ActorSignal>();
      const steps = 20_000;
      const last = { seq: -1, type: '' };
      createOrchestrator({ ...quietPorts(), actor: { decide: () => merge(approval$.pipe(take(1)), of(token('May I?'))) } })
        .runTaskStream({ ...task, maxSteps: steps })
        .subscribe(({ seq, type }) => {
          if (seq !== last.seq + 1) throw new Error(`event ${seq} after ${last.seq}`);
          Object.assign(last, { seq, type });
          if (type === 'token') approval$.next(decided({ name: 'look' }));
        });
      expect(last).to.deep.equal({ seq: 1 + 5 * steps, type: 'task_end' });
    });
  });

  it('starts nothing where a port method itself cancels the run', () => {
    for (const method of ['decide', 'execute', 'evaluate'] as const) {
      let started = 0;
      const begun$ = new Observable<never>(() => {
        started += 1;
      });
      const cancelling = () => {
        run.cancel();
        return begun$;
      };
      const run = orchestrate({
        actor: method === 'decide' ? { decide: cancelling } : scriptedActor(['look']),
        ...(method === 'execute' ? { environment: counting({ execute: cancelling }) } : {}),
        ...(method === 'evaluate' ? { purposeFunction: { evaluate: cancelling } } : {}),
      }).runTaskStream(task);
      const types: string[] = [];
      run.subscribe(({ type }) => types.push(type));
      expect(started, method).to.equal(0);
      expect(types.at(-1), method).to.equal('task_end');
    }
  });

  describe('an error in a teardown', () => {
    let unhandled: unknown[] = [];
    beforeEach(() => {
      unhandled = [];
      rxConfig.onUnhandledError = (error) => unhandled.push(error);
    });
    afterEach(() => {
      rxConfig.onUnhandledError = null;
    });
    /** RxJS reports by a timer of 0 ms: after one of 1 ms all are told. */
    const reported = (): Promise<unknown[]> => new Promise((resolve) => void setTimeout(() => resolve(unhandled), 1));

    it('of one subscriber takes the ending from no other, and is reported', async () => {
      for (const end of ['done', 'cancel'] as const) {
        const actor$ = new Subject<ActorSignal>();
        const run = orchestrate({ actor: { decide: () => actor$ } }).runTaskStream(task);
        const seen: string[] = [];
        run
          .pipe(
            finalize(() => {
              throw new Error('my own mistake');
            }),
          )
          .subscribe();
        run.subscribe({ next: ({ type }) => seen.push(type), complete: () => seen.push('|') });
        if (end === 'done') actor$.next(decided({ name: 'DONE' }));
        else run.cancel();
        expect(seen.slice(-2), end).to.deep.equal(['task_end', '|']);
      }
      expect(await reported()).to.have.length(2);
    });

    it('of a port holds nothing up, and is reported', async () => {
      const types: string[] = [];
      await new Promise<void>((resolve) => {
        orchestrate({
          actor: { decide: ({ step }) => failing(decided({ name: step === 1 ? 'look' : 'DONE' })) },
          environment: counting({ execute: (_action, state) => failing(state) }),
        })
          .runTaskStream(task)
          .subscribe({ next: ({ type }) => types.push(type), complete: resolve });
      });
      expect(types.slice(-3)).to.deep.equal(['action', 'done', 'task_end']);
      expect(await reported()).to.have.length(3);
    });

    it('in next of one subscriber disturbs no other, and is reported', async () => {
      const run = orchestrate({ actor: scriptedActor([['t', decided({ name: 'DONE' })]]) }).runTaskStream(task);
      const seen: string[] = [];
      run.subscribe(() => {
        throw new Error('my own mistake');
      });
      run.subscribe({ next: ({ type }) => seen.push(type), complete: () => seen.push('|') });
      run.from(0).subscribe(({ type }) => seen.push(type));
      expect(seen).to.deep.equal(['|', 'task_start', 'step_start', 'token', 'action', 'done', 'task_end']);
      expect(await reported()).to.have.length(6);
    });
  });

  it('is cancelled while nothing has been decided, from within task_start', () => {
    const run = orchestrate({ actor: { decide: () => NEVER } }).runTaskStream(task);
    const types: string[] = [];
    run.subscribe(({ type }) => {
      types.push(type);
      if (type === 'task_start') run.cancel();
    });
    expect(types).to.deep.equal(['task_start', 'task_end']);
  });
});
