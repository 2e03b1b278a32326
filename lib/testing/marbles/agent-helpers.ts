import type { RunHelpers, TestScheduler } from 'rxjs/testing';
import type { LLMBackend, LLMChunk } from '../../backend/backend.js';
import type { Json, JsonRecord } from '../../domain/json.js';
import type { State } from '../../domain/state.js';
import type { Task, TaskResult } from '../../domain/task.js';
import type { Trajectory } from '../../domain/trajectory.js';
import type { ToolProgress } from '../../environment/tool.js';
import type { ResumeOptions } from '../../orchestrator/resume.js';
import type { AgentRun } from '../../orchestrator/agent-run.js';
import type { ActorPiece } from '../scripts/actor-script.js';
import type { EnvironmentPiece } from '../scripts/environment-script.js';
import type { PurposePiece } from '../scripts/purpose-script.js';
import type { ValueExpectation } from './expect-result.js';
import type { Events, EventTypes, RunExpectation, TokensExpectation, TokensFilter } from './expect-run.js';
import type { Diagrams, MarbleActor, MarbleBackend, MarbleEnvironment, MarblePurposeFunction, MarbleTool } from './marble-parts.js';
import type { SomePorts, TestOrchestrator } from './test-orchestrator.js';
import type { Part } from './watch-part.js';
import type { CallsExpectation, TeardownExpectation } from './watched-parts.js';

type Values<T> = Readonly<Record<string, T>>;

/**
 * What a test of agents is written with: the helpers of `TestScheduler.run`, makers of parts, and expectations.
 *
 * The makers take one diagram, which is played for every call, or a list, which is a script: one diagram a call, and the
 * test fails where one is not used or missing. All parts that they make are watched: when each call began, when and how
 * it ended.
 */
export interface AgentHelpers extends RunHelpers {
  /** The clock: one frame is one millisecond. */
  readonly scheduler: TestScheduler;

  /** An actor: `a` is the action `act`, `d` is DONE, `u` a usage, other letters without a value are tokens of themselves. */
  readonly actor: (marbles: Diagrams, values?: Values<ActorPiece>, error?: unknown) => MarbleActor;
  /** A purpose function: a digit is a score of that Φ, `u` a usage, other letters without a value are tokens of themselves. */
  readonly purposeFunction: (marbles: Diagrams, values?: Values<PurposePiece>, error?: unknown) => MarblePurposeFunction;
  /**
   * An environment: `s` is the state before, unchanged; other letters need a value. It begins with `initialState`, by
   * default `{ data: {} }`; data of a type of its own has to begin somewhere.
   */
  readonly environment: {
    (marbles: Diagrams, values?: Values<EnvironmentPiece>, error?: unknown): MarbleEnvironment;
    <Data extends JsonRecord>(
      marbles: Diagrams,
      values: Values<EnvironmentPiece<Data>>,
      error: unknown,
      initialState: State<Data>,
    ): MarbleEnvironment<Data>;
  };
  /** A tool: `p` is progress, other letters without a value are results of themselves, of which the last counts. */
  readonly tool: (name: string, marbles: Diagrams, values?: Values<Json | ToolProgress>, error?: unknown) => MarbleTool;
  /** A backend: letters without a value are texts of themselves. */
  readonly backend: (marbles: Diagrams, values?: Values<string | LLMChunk>, error?: unknown) => MarbleBackend;
  /**
   * Watches a part of any other making. Use what it returns in place of the part. Ports that are given to `orchestrator`
   * and `run` are watched without it, tools and backends within them are not.
   */
  readonly watch: <P extends Part>(part: P) => P;

  /**
   * An orchestrator whose runs are verified at the end of the test, and cancelled; ids are `run-1`, `run-2`, … Ports that
   * are left out are quiet: the actor is DONE at once, Φ is 0, nothing changes.
   */
  readonly orchestrator: <Data extends JsonRecord = JsonRecord>(config?: SomePorts<Data>) => TestOrchestrator<Data>;
  /** A run of such an orchestrator; the purpose is `test` unless it is given. A test in which it never begins fails. */
  readonly run: <Data extends JsonRecord = JsonRecord>(
    config?: SomePorts<Data> & Partial<Task<Data>> & ResumeOptions<Data>,
  ) => AgentRun<Data>;
  /** When timers of what is tested are due that are running now, in milliseconds of virtual time. */
  readonly pendingTimers: () => readonly number[];
  /** Does something at a time, in milliseconds: `at(20, () => run.cancel())`. */
  readonly at: (time: number, act: () => void) => void;

  /**
   * Subscribes a run and expects all its events: `expectRun(run, '^ 60s !')` leaves it after a minute. Each expectation
   * is a subscriber of its own: a run that one leaves is held by the others.
   */
  readonly expectRun: (run: Events, subscription?: string) => RunExpectation;
  /** Subscribes a run and expects its events of some types, and how it ends. */
  readonly expectEvents: (run: Events, types: EventTypes, subscription?: string) => RunExpectation;
  /** Subscribes a run and expects its tokens, and how it ends. */
  readonly expectTokens: (run: Events, tokens?: TokensFilter, subscription?: string) => TokensExpectation;
  /** Subscribes a run and expects the trajectory that its events make. */
  readonly expectTrajectory: (run: Events) => ValueExpectation<Trajectory>;
  /** Subscribes a run and expects its result. */
  readonly expectResult: <Data extends JsonRecord>(run: AgentRun<Data>) => ValueExpectation<TaskResult<Data>>;
  /** Expects when the requests of a watched backend began, and when and how each ended. */
  readonly expectRequests: (backend: LLMBackend) => CallsExpectation;
  /** The same for any watched part. */
  readonly expectCalls: (part: Part) => CallsExpectation;
  /** Expects when what was under way in these parts was torn down; of no parts: in all, and no timer runs on. */
  readonly expectTeardown: (...parts: readonly Part[]) => TeardownExpectation;
}
