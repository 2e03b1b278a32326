import { expect } from 'chai';
import { concat, map, NEVER, of, Subject, throwError, timer, type ObservableInput } from 'rxjs';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import type { Trajectory } from '../../lib/domain/trajectory.js';
import type { Experience } from '../../lib/experience/experience.js';
import { marbles } from '../support/marbles.js';
import { orchestrate } from '../support/orchestrate.js';
import { actingOut, counting, nothing, ports, typesOf } from '../support/ports.js';

const task = { purpose: 'learn' };
const lesson: Trajectory = { purpose: 'learn to walk', steps: [], cumulativeReward: 3, successRate: 1, finalPhi: 8 };
const STEPS = ['task_start', 'step_start', 'action', 'score', 'step_end', 'step_start', 'action', 'done'];

const experienceOf = (parts: Partial<Experience>): Experience => ({ recall: () => [], record: () => undefined, ...parts });

/** A synchronous run with an experience: its events, those of `events$`, and what the actor was asked. */
const runWith = (parts: Partial<Experience>) => {
  const actor = actingOut('look', 'DONE');
  const orchestrator = orchestrate(ports({ actor, experience: experienceOf(parts) }));
  const told: StreamEvent[] = [];
  const events: StreamEvent[] = [];
  orchestrator.events$.subscribe((event) => told.push(event));
  orchestrator.runTaskStream(task).subscribe((event) => events.push(event));
  return { actor, orchestrator, told, events };
};

describe('experience in a run', () => {
  describe('recall', () => {
    const inputs: readonly (readonly [what: string, recalled: readonly Trajectory[] | ObservableInput<readonly Trajectory[]>])[] = [
      ['an array, which is one value', [lesson]],
      ['an Observable of an array', of([lesson])],
    ];
    for (const [what, recalled] of inputs) {
      it(`shows the actor what it offers: ${what}`, () => {
        const { actor, events } = runWith({ recall: () => recalled });
        expect(actor.asked.map((context) => context.recalled)).to.deep.equal([[lesson], [lesson]]);
        expect(typesOf(events)).to.deep.equal([...STEPS, 'task_end']);
      });
    }

    it('is asked before each decision, with purpose, state and step', () => {
      const queries: unknown[] = [];
      runWith({ recall: (query) => (queries.push(query), []) });
      expect(queries).to.deep.equal([
        { purpose: 'learn', state: { data: { n: 0 } }, step: 1 },
        { purpose: 'learn', state: { data: { n: 1 } }, step: 2 },
      ]);
    });

    it('that fails gives nothing, and is told right after step_start', () => {
      const { actor, events } = runWith({
        recall: ({ step }) => {
          if (step === 2) throw new Error('the index is gone');
          return [lesson];
        },
      });
      expect(actor.asked.map(({ recalled }) => recalled.length)).to.deep.equal([1, 0]);
      expect(typesOf(events)).to.deep.equal([...STEPS.slice(0, 6), 'experience_error', 'action', 'done', 'task_end']);
      expect(events[6]?.data).to.deep.equal({ error: 'recall failed: the index is gone' });
      expect(events[6]?.step).to.equal(2);
    });

    for (const [what, recalled] of [
      ['nothing', undefined],
      ['null', null],
      ['a text', 'abc'],
      ['an object', {}],
    ] as const) {
      it(`that gives ${what} in place of a list gives nothing, and is told`, () => {
        const { actor, events } = runWith({ recall: () => recalled as never });
        expect(actor.asked[0]?.recalled).to.deep.equal([]);
        expect(events[2]?.data).to.deep.equal({ error: 'recall failed: it gave something that is no list of trajectories' });
      });
    }

    it('hears the first list only', () => {
      expect(runWith({ recall: () => of([lesson], []) }).actor.asked[0]?.recalled).to.deep.equal([lesson]);
    });

    it('that ends without a value gives nothing, and is told', () => {
      const { actor, events } = runWith({ recall: nothing });
      expect(actor.asked[0]?.recalled).to.deep.equal([]);
      expect(events[2]?.data).to.deep.equal({ error: 'recall failed: it gave nothing' });
    });

    it(
      'that takes longer than recallWithin gives nothing, delays nobody, and is unsubscribed',
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const recall$ = cold<readonly Trajectory[]>('60ms r', { r: [lesson] });
        const expected = '                           (sS) 46ms (eadx|)';
        const subscriptions = '                      ^ 49ms !';
        const experience = experienceOf({ recall: () => recall$ });
        const run = orchestrate(ports({ actor: actingOut('DONE'), experience })).runTaskStream(task);
        expectObservable(run.pipe(map(({ type }) => letters[type]))).toBe(expected);
        expectSubscriptions(recall$.subscriptions).toBe(subscriptions);
      }),
    );

    it(
      'that is in time delays the decision by as much',
      marbles(({ cold, expectObservable }) => {
        const experience = experienceOf({ recall: () => cold<readonly Trajectory[]>('7ms r', { r: [lesson] }) });
        const run = orchestrate(ports({ actor: actingOut('DONE'), experience, recallWithin: 8 })).runTaskStream(task);
        expectObservable(run.pipe(map(({ type }) => letters[type]))).toBe('(sS) 3ms (adx|)');
      }),
    );
  });

  describe('record', () => {
    it('is handed the trajectory of a finished run, subscribed before task_end', () => {
      const recorded: Trajectory[] = [];
      const order: string[] = [];
      const orchestrator = orchestrate(
        ports({ experience: experienceOf({ record: (trajectory) => (recorded.push(trajectory), order.push('record'), undefined) }) }),
      );
      const run = orchestrator.runTaskStream(task);
      run.subscribe(({ type }) => order.push(type));
      run.result$.subscribe(({ trajectory }) => {
        expect(recorded).to.deep.equal([trajectory]);
      });
      expect(order.slice(-2)).to.deep.equal(['record', 'task_end']);
    });

    const unrecorded: readonly (readonly [
      what: string,
      stop: (run: ReturnType<ReturnType<typeof orchestrate>['runTaskStream']>) => void,
    ])[] = [
      ['is left', (run) => run.subscribe().unsubscribe()],
      ['is cancelled', (run) => (run.subscribe(), run.cancel())],
    ];
    for (const [what, stop] of unrecorded) {
      it(`gets nothing of a run that ${what}`, () => {
        let recorded = 0;
        const experience = experienceOf({ record: () => void (recorded += 1) });
        stop(orchestrate(ports({ actor: { decide: () => NEVER }, experience })).runTaskStream(task));
        expect(recorded).to.equal(0);
      });
    }

    it('gets nothing of a run that fails', () => {
      let recorded = 0;
      const experience = experienceOf({ record: () => void (recorded += 1) });
      orchestrate(ports({ actor: { decide: () => throwError(() => new Error('no')) }, experience }))
        .runTaskStream(task)
        .subscribe({ error: () => undefined });
      expect(recorded).to.equal(0);
    });

    const failing: readonly (readonly [what: string, record: Experience['record']])[] = [
      [
        'throws',
        () => {
          throw new Error('disk full');
        },
      ],
      ['errors at once', () => throwError(() => new Error('disk full'))],
    ];
    for (const [what, record] of failing) {
      it(`that ${what} is an event right before task_end, and the result is not lost`, () => {
        const { events, orchestrator } = runWith({ record });
        expect(typesOf(events)).to.deep.equal([...STEPS, 'experience_error', 'task_end']);
        expect(events.at(-2)?.data).to.deep.equal({ error: 'record failed: disk full' });
        expect(events.at(-1)?.data).to.deep.include({ stopReason: 'done' });
        expect(isFlushed(orchestrator.flush())).to.equal(true);
      });
    }

    it('that fails after task_end is told on events$ alone, with the next seq', () => {
      const recording$ = new Subject<never>();
      const { events, told } = runWith({ record: () => recording$ });
      recording$.error(new Error('too slow'));
      expect(typesOf(events)).to.deep.equal([...STEPS, 'task_end']);
      expect(typesOf(told)).to.deep.equal([...STEPS, 'task_end', 'experience_error']);
      expect(told.at(-1)).to.deep.include({ seq: events.length, step: 0, data: { error: 'record failed: too slow' } });
    });

    it('that fails because of task_end is told after it', () => {
      const recording$ = new Subject<never>();
      const orchestrator = orchestrate(ports({ actor: actingOut('DONE'), experience: experienceOf({ record: () => recording$ }) }));
      const told: string[] = [];
      orchestrator.events$.subscribe(({ type }) => told.push(type));
      orchestrator.runTaskStream(task).subscribe(({ type }) => {
        if (type === 'task_end') recording$.error(new Error('just now'));
      });
      expect(told.slice(-2)).to.deep.equal(['task_end', 'experience_error']);
    });

    for (const [what, record] of [
      ['hangs', () => NEVER],
      ['is slow', () => timer(1000)],
      [
        'fails later',
        () =>
          concat(
            timer(5),
            throwError(() => new Error('later')),
          ),
      ],
    ] as const) {
      it(
        `that ${what} changes no event before task_end and delays nothing`,
        marbles(({ expectObservable }) => {
          const run = orchestrate(ports({ actor: actingOut('DONE'), experience: experienceOf({ record }) })).runTaskStream(task);
          expectObservable(run.pipe(map(({ type }) => letters[type]))).toBe('(sSadx|)');
        }),
      );
    }

    it('goes on when everybody has left', () => {
      const recording$ = new Subject<number>();
      const orchestrator = orchestrate(ports({ experience: experienceOf({ record: () => recording$ }) }));
      orchestrator.runTaskStream(task).subscribe().unsubscribe();
      expect(recording$.observed).to.equal(true);
    });
  });

  describe('flush', () => {
    it('emits once and completes when no recording is pending', () => {
      const first$ = new Subject<number>();
      const second$ = new Subject<number>();
      const subjects = [first$, second$];
      const orchestrator = orchestrate(
        ports({ actor: actingOut('DONE'), environment: counting(), experience: experienceOf({ record: () => subjects.shift() ?? NEVER }) }),
      );
      const seen: string[] = [];
      orchestrator.runTask(task).subscribe();
      orchestrator.runTask(task).subscribe();
      orchestrator.flush().subscribe({ next: () => seen.push('flushed'), complete: () => seen.push('|') });
      first$.complete();
      expect(seen).to.deep.equal([]);
      second$.error(new Error('no'));
      expect(seen).to.deep.equal(['flushed', '|']);
    });

    it('tells nobody that none is while one has just begun', () => {
      const recordings = [new Subject<number>(), new Subject<number>()];
      const waiting = [...recordings];
      const orchestrator = orchestrate(
        ports({ actor: actingOut('DONE'), experience: experienceOf({ record: () => waiting.shift() ?? NEVER }) }),
      );
      const flushed: string[] = [];
      orchestrator.runTask(task).subscribe();
      orchestrator.flush().subscribe(() => {
        flushed.push('first');
        orchestrator.runTask(task).subscribe();
      });
      orchestrator.flush().subscribe(() => flushed.push('second'));
      recordings[0]?.complete();
      expect(flushed).to.deep.equal(['first']);
      recordings[1]?.complete();
      expect(flushed).to.deep.equal(['first', 'second']);
    });

    it('does so at once where none is', () => {
      expect(isFlushed(orchestrate(ports()).flush())).to.equal(true);
    });
  });
});

const letters: Record<string, string> = { task_start: 's', step_start: 'S', action: 'a', done: 'd', task_end: 'x', experience_error: 'e' };

function isFlushed(flush$: ReturnType<ReturnType<typeof orchestrate>['flush']>): boolean {
  let flushed = false;
  flush$.subscribe(() => (flushed = true));
  return flushed;
}
