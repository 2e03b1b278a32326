import { expect } from 'chai';
import fc from 'fast-check';
import { Subject, takeUntil } from 'rxjs';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import type { TaskResult } from '../../lib/domain/task.js';
import { isKnownError } from '../../lib/errors/known-error.js';
import type { AgentRun } from '../../lib/orchestrator/agent-run.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { scenarios, type Scenario } from '../support/fault-scenario.js';
import { checkAnswer, checkCalls, checkLedger, checkTexts, whatGoesOn } from '../support/fault-verdict.js';
import { faultWorld } from '../support/fault-world.js';

const SEED = 20_261_123;

/** In each mode. */
const RUNS = 500;

/** What has to happen in some of the runs. */
const EXPECTED = [
  ...['done', 'early_stop', 'max_steps', 'stopped', 'timeout', 'budget', 'cancelled', 'StructuredOutputError', 'TimeoutError'],
  ...['AllBackendsFailedError', 'RetriesExhaustedError', 'RateLimitError', 'attempt_dropped', 'error', 'nudge', 'experience_error'],
  ...['request finished', 'request failed', 'request cancelled', 'budget: continue', 'budget: stop', 'approve', 'deny', 'edit'],
  ...['tool: ok', 'tool: error', 'tool: timeout', 'tool: unsettled', 'tool: cancelled', 'tool_late_result'],
  ...['queue', 'steer', 'interrupt', 'input_dropped'],
];

/** What a run comes to at the latest, in milliseconds, where its parts alone see to an end. */
const TEN_HOURS = 36_000_000;

type Ending = 'completed' | 'left' | { readonly error: unknown };

const latestEnd = ({ bound, maxSteps }: Scenario): number => {
  if (bound.by === 'parts') return TEN_HOURS;
  return bound.by === 'run' ? bound.within : bound.within * maxSteps;
};

/** What happened in a run, in words: a spec in which nothing goes wrong would prove nothing. */
const happenings = (events: readonly StreamEvent[]): readonly string[] =>
  events.map(({ type, data }) => {
    switch (type) {
      case 'task_end':
        return data.error?._tag ?? data.stopReason;
      case 'tool_end':
        return `tool: ${data.settlement ?? (data.ok ? 'ok' : 'error')}`;
      case 'request_end':
        return `request ${data.outcome}`;
      case 'approval_decision':
        return data.decision;
      case 'input_applied':
        return data.mode;
      case 'budget_decision':
        return `budget: ${data.decision}`;
      default:
        return type;
    }
  });

/** Runs a scenario in virtual time and holds all that came of it against what has to hold; gives what happened in it. */
const play = (scenario: Scenario, actions: 'json' | 'tools'): readonly string[] => {
  let ending: Ending | undefined;
  let endedAt = NaN;
  let goingOn: readonly string[] = [];
  let told: readonly StreamEvent[] = [];
  const seen: StreamEvent[] = [];
  let world: ReturnType<typeof faultWorld> | undefined;
  let result: TaskResult | undefined;

  agentMarbles(
    ({ orchestrator, scheduler, at, flush, pendingTimers }) => {
      const made = faultWorld(scenario, actions, (after, act) => {
        at(scheduler.now() + after, act);
      });
      world = made;
      const agent = orchestrator(made.config);
      const { maxSteps, stop } = scenario;
      const run: AgentRun = agent.runTaskStream({ purpose: 'look', maxSteps, ...(made.input$ && { input$: made.input$ }) });
      const left$ = new Subject<void>();
      let isLeft = false;
      const lookNow = (): void => {
        goingOn = whatGoesOn(made, pendingTimers());
      };
      const look = (): void => {
        // Stopped inside an event, it may be inside a source's own subscribe, and that is let go of when it returns.
        if (stop !== null && 'event' in stop.when) at(scheduler.now(), lookNow);
        else lookNow();
      };
      const end = (how: Ending): void => {
        expect(ending, 'ended twice').to.equal(undefined);
        ending = how;
        endedAt = scheduler.now();
        look();
      };
      const halt = (): void => {
        if (stop?.way === 'cancel') run.cancel('enough');
        else if (ending === undefined) {
          isLeft = true;
          left$.next();
          look();
        }
      };
      run.pipe(takeUntil(left$)).subscribe({
        next: (event) => {
          seen.push(event);
          if (stop === null || !('event' in stop.when) || stop.when.event !== event.seq) return;
          halt();
        },
        error: (error: unknown) => {
          end({ error });
        },
        complete: () => {
          end(isLeft ? 'left' : 'completed');
        },
      });
      if (stop !== null && 'at' in stop.when && stop.when.at >= scheduler.now()) at(stop.when.at, halt);
      flush();
      run.result$.subscribe({ next: (value) => (result = value), error: () => undefined });
      told = agent.eventsOf(run);
    },
    { maxTime: TEN_HOURS },
  );

  if (world === undefined || ending === undefined) throw new Error('It hangs: nothing is to come, and it has not ended.');
  expect(endedAt, 'the time of its end').to.be.at.most(latestEnd(scenario));
  expect(goingOn, 'what goes on after the end').to.deep.equal([]);
  const until = told.findIndex(({ type }) => type === 'task_end');
  const end = told[until];
  if (end?.type !== 'task_end') throw new Error('It was not told that it ended.');
  const { stopReason, error: described } = end.data;
  if (typeof ending === 'object') {
    expect(stopReason, 'stop reason of a run that failed').to.equal('failed');
    if (!isKnownError(ending.error)) throw new Error('The error is not of this library.', { cause: ending.error });
    expect(described?._tag, 'tag that was told').to.equal(ending.error._tag);
    expect(['ContractError', 'EventOrderError'], 'tags of what goes wrong outside').not.to.include(ending.error._tag);
  } else if (ending === 'left' && scenario.stop !== null && 'at' in scenario.stop.when)
    expect(stopReason, 'stop reason of a run that was left').to.equal('cancelled');
  else if (ending === 'completed') expect(result, 'result').to.have.property('stopReason', stopReason);
  expect(stopReason === 'failed', 'whether it failed').to.equal(typeof ending === 'object' || (ending === 'left' && result === undefined));
  checkAnswer(world, result?.answer, end);
  const isSeen = seen.every((event, index) => event === told[index]);
  expect([isSeen, seen.length], 'events for who watched').to.deep.equal([true, ending === 'left' ? seen.length : until + 1]);
  checkTexts(world, told);
  checkCalls(world, told);
  checkLedger(world, told);
  return happenings(told);
};

describe('1,000 random interleavings of faults', () => {
  for (const actions of ['json', 'tools'] as const) {
    it(`end in a result or a typed error, in the ${actions} mode (${RUNS}, seed ${SEED})`, () => {
      const happened = new Map<string, number>();
      fc.assert(
        fc.property(scenarios, (scenario) => {
          for (const what of new Set(play(scenario, actions))) happened.set(what, (happened.get(what) ?? 0) + 1);
        }),
        { numRuns: RUNS, seed: SEED },
      );
      // It proves nothing where nothing goes wrong.
      expect([...happened.keys()]).to.include.members(EXPECTED);
    });
  }
});
