import { expect } from 'chai';
import { concat, EMPTY, NEVER, of, Subject, throwError, timer, type ObservableInput } from 'rxjs';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import type { Trajectory } from '../../lib/domain/trajectory.js';
import type { Experience } from '../../lib/experience/experience.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { scriptedActor } from '../../lib/testing/scripts/scripted-actor.js';
import { scriptedEnvironment } from '../../lib/testing/scripts/scripted-environment.js';
import { orchestrate } from '../support/orchestrate.js';
import { typesOf } from '../support/ports.js';

const task = { purpose: 'learn' };
const lesson: Trajectory = { purpose: 'learn to walk', steps: [], cumulativeReward: 3, successRate: 1, finalPhi: 8 };
const STEPS = ['task_start', 'step_start', 'action', 'score', 'step_end', 'step_start', 'action', 'done'];

const experienceOf = (parts: Partial<Experience>): Experience => ({ recall: () => [], record: () => undefined, ...parts });

/** A synchronous run with an experience: its events, those of `events$`, and what the actor was asked. */
const runWith = (parts: Partial<Experience>) => {
  const actor = scriptedActor(['look', 'DONE']);
  const environment = scriptedEnvironment([{ data: { n: 1 } }], { initialState: { data: { n: 0 } } });
  const orchestrator = orchestrate({ actor, environment, experience: experienceOf(parts) });
  const told: StreamEvent[] = [];
  const events: StreamEvent[] = [];
  orchestrator.events$.subscribe((event) => told.push(event));
  orchestrator.runTaskStream(task).subscribe((event) => events.push(event));
  actor.verify();
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
        expect(actor.calls.map((context) => context.recalled)).to.deep.equal([[lesson], [lesson]]);
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
      expect(actor.calls.map(({ recalled }) => recalled.length)).to.deep.equal([1, 0]);
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
        expect(actor.calls[0]?.recalled).to.deep.equal([]);
        expect(events[2]?.data).to.deep.equal({ error: 'recall failed: it gave something that is no list of trajectories' });
      });
    }

    it('hears the first list only', () => {
      expect(runWith({ recall: () => of([lesson], []) }).actor.calls[0]?.recalled).to.deep.equal([lesson]);
    });

    it('that ends without a value gives nothing, and is told', () => {
      const { actor, events } = runWith({ recall: () => EMPTY });
      expect(actor.calls[0]?.recalled).to.deep.equal([]);
      expect(events[2]?.data).to.deep.equal({ error: 'recall failed: it gave nothing' });
    });

    it('that takes longer than recallWithin gives nothing, delays nobody, and is unsubscribed', () => {
      agentMarbles((m) => {
        const actor = m.actor(['(d|)']);
        const experience = m.watch(experienceOf({ recall: () => m.cold<readonly Trajectory[]>('60ms r', { r: [lesson] }) }));
        m.expectRun(m.run({ actor, experience })).toBe('(Ss) 46ms (XadE|)');
        m.expectCalls(experience).toBe('                ^    49ms !');
        m.flush();
        expect(actor.calls[0]?.recalled).to.deep.equal([]);
      });
    });

    it('that is in time delays the decision by as much', () => {
      agentMarbles((m) => {
        const actor = m.actor(['(d|)']);
        const experience = experienceOf({ recall: () => m.cold<readonly Trajectory[]>('7ms r', { r: [lesson] }) });
        m.expectRun(m.run({ actor, experience, recallWithin: 8 })).toBe('(Ss) 3ms (adE|)');
        m.flush();
        expect(actor.calls[0]?.recalled).to.deep.equal([lesson]);
      });
    });
  });

  describe('record', () => {
    it('is handed the trajectory of a finished run, subscribed before task_end', () => {
      const recorded: Trajectory[] = [];
      const order: string[] = [];
      const results: Trajectory[] = [];
      const experience = experienceOf({ record: (trajectory) => (recorded.push(trajectory), order.push('record'), undefined) });
      const run = orchestrate({ actor: scriptedActor(['look', 'DONE']), experience }).runTaskStream(task);
      run.subscribe(({ type }) => order.push(type));
      run.result$.subscribe(({ trajectory }) => results.push(trajectory));
      expect(recorded).to.have.nested.property('[0].steps').that.has.length(1);
      expect(recorded).to.deep.equal(results);
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
        stop(orchestrate({ actor: { decide: () => NEVER }, experience }).runTaskStream(task));
        expect(recorded).to.equal(0);
      });
    }

    it('gets nothing of a run that fails', () => {
      let recorded = 0;
      const experience = experienceOf({ record: () => void (recorded += 1) });
      orchestrate({ actor: scriptedActor([new Error('no')]), experience })
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
      const orchestrator = orchestrate({ experience: experienceOf({ record: () => recording$ }) });
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
      it(`that ${what} changes no event before task_end and delays nothing`, () => {
        agentMarbles((m) => {
          m.expectRun(m.run({ experience: experienceOf({ record }) })).toBe('(SsadE|)');
        });
      });
    }

    it('goes on when everybody has left', () => {
      const recording$ = new Subject<number>();
      const orchestrator = orchestrate({ experience: experienceOf({ record: () => recording$ }) });
      orchestrator.runTaskStream(task).subscribe().unsubscribe();
      expect(recording$.observed).to.equal(true);
    });
  });

  describe('flush', () => {
    it('emits once and completes when no recording is pending', () => {
      const first$ = new Subject<number>();
      const second$ = new Subject<number>();
      const subjects = [first$, second$];
      const orchestrator = orchestrate({ experience: experienceOf({ record: () => subjects.shift() ?? NEVER }) });
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
      const orchestrator = orchestrate({ experience: experienceOf({ record: () => waiting.shift() ?? NEVER }) });
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
      expect(isFlushed(orchestrate().flush())).to.equal(true);
    });
  });
});

function isFlushed(flush$: ReturnType<ReturnType<typeof orchestrate>['flush']>): boolean {
  let flushed = false;
  flush$.subscribe(() => (flushed = true));
  return flushed;
}
