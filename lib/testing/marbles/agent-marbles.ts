import { asyncScheduler } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { ScriptError } from '../../errors/script-error.js';
import { fromOne } from '../../internal/from-input.js';
import type { AgentHelpers } from './agent-helpers.js';
import { createAgentHelpers } from './create-agent-helpers.js';
import { Session } from './session.js';

/** Configuration of {@link agentMarbles}. */
export interface AgentMarblesConfig {
  /**
   * How much virtual time may pass, in milliseconds, above 0. A test in which timers are still running by then fails,
   * where it would go on for ever. Defaults to an hour.
   */
  readonly maxTime?: number;
}

const HOUR = 3_600_000;

/** `TestScheduler.run` puts a clock of its own in the place of the real one, and takes it away at its end. */
const checkClock = (): void => {
  if (TestScheduler.frameTimeFactor === 1 && asyncScheduler.now() < LONG_AGO)
    throw new ScriptError('agentMarbles was called in virtual time already: the clock of the outer test would be gone. Nest no tests.');
};

/** Ten years after the epoch, in milliseconds: real clocks are past it. */
const LONG_AGO = 315_360_000_000;

const checkBody = (given: unknown): void => {
  if (typeof given !== 'object' || given === null || !('then' in given)) return;
  // What it rejects with later says less than this.
  fromOne(given).subscribe({ error: () => undefined });
  throw new ScriptError(
    'The body of agentMarbles gave a Promise: nothing in virtual time waits for one, so what follows an await is not tested.',
  );
};

const checkTime = (session: Session, maxTime: number): void => {
  const { next } = session.scheduler;
  if (next === undefined) return;
  session.fault(
    `After ${maxTime} ms of virtual time something is still to come, at ${next} ms. Leave what does not end (a subscription like '^ 60s !'), or raise maxTime.`,
  );
};

/**
 * Runs a test of agents in virtual time: a `TestScheduler.run` whose helpers make the parts of agents out of marbles,
 * and expect of their runs what happens, when, and what is released when.
 *
 * ```text
 * actor('--t-(a|)')                 --t-a
 * purposeFunction('----(9|)')           ----9
 * expectRun(run).toBe('(Ss) @2ms t-a---(veyE|)')
 * ```
 *
 * Everything that waits by RxJS waits in virtual time, so a minute of an agent's life takes no time. At the end of the
 * test, expectations are looked at, scripts have to be used up, and the events of every run that `orchestrator` and `run`
 * made are held against their order, their codec and the result of the run. What is wrong is thrown as one error, so any
 * test runner will do; a diagram that is not as expected is drawn above the one that is, with the first difference
 * marked and the event at it in full.
 *
 * ```ts
 * it('stops at a Φ of 9', () =>
 *   agentMarbles(({ actor, purposeFunction, run, expectRun }) => {
 *     const watched = run({ actor: actor('10ms (a|)'), purposeFunction: purposeFunction('10ms (9|)') });
 *     expectRun(watched).toBe('(Ss) 6ms a 9ms (veyE|)');
 *   }));
 * ```
 *
 * What is still under way at the end is cancelled.
 *
 * @param body - The test; it is called at once. What it subscribes begins at 0 ms or in the body itself.
 * @throws `ExpectationError` at the end, where something is not as expected, timers that never end included;
 * `ScriptError` where the test itself makes no sense: a Promise for a body, a letter that stands for nothing.
 */
export function agentMarbles(body: (helpers: AgentHelpers) => void, { maxTime = HOUR }: AgentMarblesConfig = {}): void {
  checkClock();
  const session = new Session();
  const { scheduler } = session;
  scheduler.run((helpers: RunHelpers) => {
    scheduler.maxFrames = maxTime;
    try {
      checkBody(Reflect.apply(body, undefined, [createAgentHelpers(session, helpers)]));
      scheduler.flush();
      checkTime(session, maxTime);
      session.finish();
    } finally {
      session.close();
    }
  });
  session.throwFaults(agentMarbles);
}
