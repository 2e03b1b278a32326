import type { RunHelpers } from 'rxjs/testing';
import type { LLMBackend } from '../../backend/backend.js';
import type { JsonRecord } from '../../domain/json.js';
import type { State } from '../../domain/state.js';
import { ExpectationError } from '../../errors/expectation-error.js';
import { ScriptError } from '../../errors/script-error.js';
import type { EnvironmentPiece } from '../scripts/environment-script.js';
import type { AgentHelpers } from './agent-helpers.js';
import { expectObservable, expectSubscriptions } from './expect-observable.js';
import { expectResult, expectTrajectory } from './expect-result.js';
import { expectEvents, expectRun, expectTokens, type Events, type EventTypes, type TokensFilter } from './expect-run.js';
import { located } from './located.js';
import { marbleActor, marbleBackend, marbleEnvironment, marblePurposeFunction, marbleTool, type Diagrams } from './marble-parts.js';
import type { Session } from './session.js';
import type { SomePorts, TestOrchestrator } from './test-orchestrator.js';
import type { Part } from './watch-part.js';
import { watchedOrchestrator } from './watched-orchestrator.js';
import { WatchedParts } from './watched-parts.js';

type Values<T> = Readonly<Record<string, T>>;

/** Something is done at a time; virtual time goes on only. */
const at = (session: Session, time: number, act: () => unknown): void => {
  const { scheduler } = session;
  if (!(time >= scheduler.now() && time < Infinity))
    throw new ScriptError(`at(${time}) is no time to come: it is ${scheduler.now()} ms now.`);
  const doIt = (): void => {
    const given = act();
    if (typeof given === 'object' && given !== null && 'then' in given)
      session.fault(`What is done at ${time} ms gave a Promise: nothing in virtual time waits for one.`);
  };
  scheduler.asTest(() => scheduler.schedule(doIt, time - scheduler.now()));
};

/** A cold Observable is a source of the test: its times are no timers of what is tested. */
const coldOfTest = ({ scheduler }: Session, { cold }: RunHelpers): RunHelpers['cold'] => {
  const ofTest = {
    now: () => scheduler.now(),
    schedule: (...given: Parameters<typeof scheduler.schedule>) => scheduler.asTest(() => scheduler.schedule(...given)),
  };
  return (marbles, values, error) => Object.assign(cold(marbles, values, error), { scheduler: ofTest });
};

/**
 * Makes the helpers of one test.
 *
 * @internal
 */
export function createAgentHelpers(session: Session, helpers: RunHelpers): AgentHelpers {
  const parts = new WatchedParts(session);
  const orchestrator = <Data extends JsonRecord = JsonRecord>(config: SomePorts<Data> = {}): TestOrchestrator<Data> =>
    watchedOrchestrator(session, parts, config);
  const expecting = <Given extends readonly unknown[], E extends object>(name: string, make: (...given: Given) => E) => {
    const begin = (...given: Given): E => located(session, name, begin, make(...given));
    return begin;
  };
  // By hand, since the type of what they are given would be lost.
  const observing: RunHelpers['expectObservable'] = (observable, subscription) =>
    located(session, 'expectObservable', observing, expectObservable(session)(observable, subscription));
  const result: AgentHelpers['expectResult'] = (run) => located(session, 'expectResult', result, expectResult(session, run));
  return {
    ...helpers,
    cold: coldOfTest(session, helpers),
    scheduler: session.scheduler,
    actor: (...given) => parts.watch(marbleActor(session, ...given)),
    purposeFunction: (...given) => parts.watch(marblePurposeFunction(session, ...given)),
    environment: <Data extends JsonRecord>(
      marbles: Diagrams,
      values?: Values<EnvironmentPiece<Data>>,
      error?: unknown,
      // `{}` is data of the default type, which alone may leave it out.
      initialState: State<Data> = { data: {} as Data },
    ) => parts.watch(marbleEnvironment(session, marbles, values, error, initialState)),
    tool: (...given) => parts.watch(marbleTool(session, ...given)),
    backend: (...given) => parts.watch(marbleBackend(session, ...given)),
    watch: (part) => parts.watch(part),
    orchestrator,
    run: ({ purpose = 'test', initialState, maxSteps, earlyStopPhi, input$, meter, resumeFrom, inDoubt, ...ports } = {}) => {
      const made = orchestrator(ports);
      const run = made.runTaskStream({ purpose, initialState, maxSteps, earlyStopPhi, input$, meter, resumeFrom, inDoubt });
      session.verifyAtEnd(() => {
        if (made.eventsOf(run).length === 0)
          throw new ExpectationError(`${run.runId} never began: nothing has subscribed it, or it was cancelled before.`);
      });
      return run;
    },
    pendingTimers: () => session.scheduler.pending,
    at: (time, act) => {
      at(session, time, act);
    },
    expectObservable: observing,
    expectSubscriptions: expecting('expectSubscriptions', expectSubscriptions(session)),
    expectRun: expecting('expectRun', (run: Events, subscription?: string) => expectRun(session, run, subscription)),
    expectEvents: expecting('expectEvents', (run: Events, types: EventTypes, subscription?: string) =>
      expectEvents(session, run, types, subscription),
    ),
    expectTokens: expecting('expectTokens', (run: Events, tokens?: TokensFilter, subscription?: string) =>
      expectTokens(session, run, tokens, subscription),
    ),
    expectTrajectory: expecting('expectTrajectory', (run: Events) => expectTrajectory(session, run)),
    expectResult: result,
    expectRequests: expecting('expectRequests', (backend: LLMBackend) => parts.expectCalls(backend)),
    expectCalls: expecting('expectCalls', (part: Part) => parts.expectCalls(part)),
    expectTeardown: expecting('expectTeardown', (...given: readonly Part[]) => parts.expectTeardown(...given)),
  };
}
