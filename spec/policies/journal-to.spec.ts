import { expect } from 'chai';
import {
  asyncScheduler,
  catchError,
  ignoreElements,
  interval,
  map,
  NEVER,
  Observable,
  of,
  Subject,
  switchMap,
  takeUntil,
  throwError,
  timer,
} from 'rxjs';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { decided } from '../../lib/domain/signal.js';
import type { UserInput } from '../../lib/domain/user-input.js';
import { tool, toolProgress } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import { JournalError } from '../../lib/errors/journal-error.js';
import { journalTo, type JournalStore } from '../../lib/policies/journal-to.js';
import { rulePurposeFunction } from '../../lib/purpose/rule-purpose-function.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { orchestrate } from '../support/orchestrate.js';
import { outcomeOf } from '../support/outcome.js';

const SLOW = 10;

/** One look, then DONE; tells when its parts begin. */
const partsOf = (begun: (what: string) => void) => ({
  actor: {
    decide: ({ step }: { readonly step: number }) => {
      begun(`decide ${step}`);
      return decided({ name: step === 1 ? 'look' : 'DONE' });
    },
  },
  purposeFunction: {
    evaluate: (context: Parameters<ReturnType<typeof rulePurposeFunction>['evaluate']>[0]) => {
      begun('judge');
      return rulePurposeFunction(() => 1).evaluate(context);
    },
  },
  environment: toolEnvironment({
    tools: [
      tool({
        name: 'look',
        run: () => {
          begun('look');
          return 'seen';
        },
      }),
    ],
  }),
});

const failingAtTheEnd: JournalStore['append'] = ({ type }) => {
  if (type === 'task_end') throw new Error('the disk is full');
};

describe('journalTo', () => {
  it('keeps each event before what depends on it happens, one at a time and in order', () => {
    const log: string[] = [];
    agentMarbles((m) => {
      const store: JournalStore = {
        append: ({ type }) =>
          new Observable((subscriber) => {
            log.push(`> ${type}`);
            return timer(SLOW).subscribe(() => {
              log.push(`< ${type}`);
              subscriber.complete();
            });
          }),
      };
      const run = m.run({ ...partsOf((what) => log.push(what)), journal: journalTo(store) });
      run.result$.subscribe(({ stopReason }) => log.push(`result: ${stopReason}`));
    });
    const at = (what: string): number => {
      expect(log).to.include(what);
      return log.indexOf(what);
    };
    expect(at('< task_start')).to.be.below(at('decide 1'));
    expect(at('< action')).to.be.below(at('> tool_start'));
    expect(at('< tool_start')).to.be.below(at('look'));
    expect(at('< executed')).to.be.below(at('judge'));
    expect(at('< step_end')).to.be.below(at('decide 2'));
    expect(at('< task_end')).to.be.below(at('result: done'));
    // One at a time: whatever begins to be kept is kept before the next begins.
    const kept = log.filter((line) => /^[<>]/.test(line));
    for (let index = 0; index < kept.length; index += 2) expect(kept[index + 1]).to.equal(`<${kept[index]?.slice(1)}`);
  });

  it('waits for what was told before, and not for what is told meanwhile: a tool that never stops telling holds up no other', () =>
    agentMarbles((m) => {
      const begun: number[] = [];
      const wordy = tool({ name: 'wordy', run: () => interval(1).pipe(map(toolProgress)) });
      const quick = tool({
        name: 'quick',
        run: () => {
          begun.push(asyncScheduler.now());
          return 'done';
        },
      });
      const calls = [
        { name: 'wordy', params: {} },
        { name: 'quick', params: {} },
      ];
      const run = m.run({
        actor: { decide: () => decided({ name: 'parallel', params: { calls } }) },
        environment: toolEnvironment({ tools: [wordy, quick] }),
        // After the other has begun to tell.
        approve: { when: ({ name }) => name === 'quick', ask: () => timer(100).pipe(map(() => ({ decision: 'approve' as const }))) },
        journal: journalTo({ append: () => timer(2) }),
      });
      run.pipe(takeUntil(timer(1_000))).subscribe();
      timer(1_000).subscribe(() => {
        expect(begun).to.have.lengthOf(1);
      });
    }));

  it('costs no turn where the store is synchronous', () => {
    const kept: StreamEvent[] = [];
    const told: StreamEvent[] = [];
    const journal = journalTo({ append: (event) => void kept.push(event) });
    orchestrate({ ...partsOf(() => undefined), journal })
      .runTaskStream({ purpose: 'look' })
      .subscribe((event) => {
        // It is kept before anybody hears of it.
        expect(kept).to.include(event);
        told.push(event);
      });
    expect(told.at(-1)?.type).to.equal('task_end');
    expect(kept).to.deep.equal(told);
  });

  for (const [how, append] of Object.entries<JournalStore['append']>({
    throws: ({ type }) => {
      if (type === 'tool_start') throw new Error('the disk is full');
    },
    'fails at once': ({ type }) => (type === 'tool_start' ? throwError(() => new Error('the disk is full')) : undefined),
    'fails later': ({ type }) => (type === 'tool_start' ? Promise.reject(new Error('the disk is full')) : of(0)),
  })) {
    it(`fails the run where its store ${how}, and begins nothing any more`, async () => {
      const begun: string[] = [];
      const orchestrator = orchestrate({ ...partsOf((what) => begun.push(what)), journal: journalTo({ append }) });
      const { values, error } = await outcomeOf(orchestrator.runTaskStream({ purpose: 'look' }));
      expect(error).to.be.instanceOf(JournalError);
      expect(error).to.have.property('message').that.contains('(tool_start) could not be kept').and.contains('the disk is full');
      expect(values.at(-1)).to.have.nested.property('data.stopReason', 'failed');
      expect(begun).to.deep.equal(['decide 1']);
    });
  }

  it('fails the run as soon as its store does, whatever is under way, which is let go', () => {
    agentMarbles((m) => {
      const append: JournalStore['append'] = ({ type }) => (type === 'step_start' ? m.cold('------#', {}, new Error('gone')) : undefined);
      const actor = m.actor('---------d');
      const run = m.run({ actor, journal: journalTo({ append }) });
      m.expectRun(run).toBe('(Ss)--(E#)', { E: { data: { stopReason: 'failed' } } }, { _tag: 'JournalError' });
      m.expectTeardown(actor).toBe('------!');
    });
  });

  it('fails a run whose end cannot be kept', async () => {
    const orchestrator = orchestrate({ ...partsOf(() => undefined), journal: journalTo({ append: failingAtTheEnd }) });
    const { values, error } = await outcomeOf(orchestrator.runTaskStream({ purpose: 'look' }));
    expect(values.at(-1)?.type).to.equal('task_end');
    expect(error).to.be.instanceOf(JournalError);
  });

  it('fails a run that is cancelled where its end cannot be kept later', () =>
    agentMarbles(({ run, expectObservable, flush }) => {
      const append: JournalStore['append'] = ({ type }) =>
        type === 'task_end' ? timer(SLOW).pipe(switchMap(() => throwError(() => new Error('the disk is full')))) : undefined;
      const agent = run({ actor: { decide: () => NEVER }, journal: journalTo({ append }) });
      timer(1).subscribe(() => {
        agent.cancel();
      });
      const failed$ = agent.pipe(
        ignoreElements(),
        catchError((error: unknown) => of(error instanceof JournalError)),
      );
      expectObservable(failed$).toBe(`${SLOW + 1}ms (f|)`, { f: true });
      flush();
    }));

  it('keeps the end of a run that was left, too', () => {
    const acknowledged$ = new Subject<void>();
    const kept: string[] = [];
    const journal = journalTo({
      append: ({ type }) => {
        kept.push(type);
        return type === 'task_start' ? acknowledged$ : undefined;
      },
    });
    orchestrate({ actor: { decide: () => NEVER }, journal })
      .runTaskStream({ purpose: 'wait' })
      .subscribe()
      .unsubscribe();
    expect(kept).to.deep.equal(['task_start']);
    acknowledged$.complete();
    expect(kept).to.deep.equal(['task_start', 'task_end']);
  });

  for (const [how, kept] of Object.entries<() => ReturnType<JournalStore['append']>>({
    'at once': () => undefined,
    'at once, by an Observable': () => of(0),
    later: () => timer(0),
  })) {
    it(`tells in order what its store causes while it is given an event, which it keeps ${how}`, async () => {
      const types: string[] = [];
      const orchestrator = orchestrate({
        ...partsOf(() => undefined),
        journal: journalTo({
          append: ({ type }) => {
            types.push(type);
            if (type === 'tool_start') run.cancel('the store says so');
            return kept();
          },
        }),
      });
      const run = orchestrator.runTaskStream({ purpose: 'look' });
      const { values, error } = await outcomeOf(run);
      expect(error).to.equal(undefined);
      expect(values.map(({ type }) => type)).to.deep.equal(types);
      expect(types.slice(-2)).to.deep.equal(['tool_start', 'task_end']);
    });
  }

  it('tells in order what its store causes while others take an event', async () => {
    const told: StreamEvent[] = [];
    const input$ = new Subject<UserInput>();
    const journal = journalTo({
      append: ({ type }) => {
        if (type === 'input_received') run.cancel();
      },
    });
    const run = orchestrate({ actor: { decide: () => NEVER }, journal }).runTaskStream({ purpose: 'listen', input$ });
    run.subscribe((event) => {
      told.push(event);
      if (event.type === 'step_start') input$.next({ mode: 'queue', message: 'hello' });
    });
    expect(told.map(({ seq }) => seq)).to.deep.equal(told.map((_event, index) => index));
    expect(told.at(-1)?.type).to.equal('task_end');
  });

  it('keeps what the environment failed with before that is judged', () => {
    const log: string[] = [];
    agentMarbles((m) => {
      const parts = partsOf((what) => log.push(what));
      const store: JournalStore = {
        append: ({ type }) =>
          type !== 'error'
            ? undefined
            : new Observable((subscriber) =>
                timer(SLOW).subscribe(() => {
                  log.push('error is kept');
                  subscriber.complete();
                }),
              ),
      };
      const environment = { ...parts.environment, execute: () => throwError(() => new Error('the door is locked')) };
      m.run({ ...parts, environment, journal: journalTo(store) }).subscribe();
    });
    expect(log).to.deep.equal(['decide 1', 'error is kept', 'judge', 'decide 2']);
  });

  it('keeps the runs that share it apart', () => {
    const kept: StreamEvent[] = [];
    const orchestrator = orchestrate({ ...partsOf(() => undefined), journal: journalTo({ append: (event) => void kept.push(event) }) });
    orchestrator.runTaskStream({ purpose: 'look' }).subscribe();
    orchestrator.runTaskStream({ purpose: 'look again' }).subscribe();
    for (const run of orchestrator.runs) expect(kept.filter(({ runId }) => runId === run.runId)).to.deep.equal(orchestrator.eventsOf(run));
  });
});
