// Tests of whole agents in virtual time.
export { agentMarbles, type AgentMarblesConfig } from './testing/marbles/agent-marbles.js';
export type { AgentHelpers } from './testing/marbles/agent-helpers.js';
export type {
  Diagrams,
  MarbleActor,
  MarbleBackend,
  MarbleEnvironment,
  MarblePurposeFunction,
  MarbleTool,
} from './testing/marbles/marble-parts.js';
export { eventLetters } from './testing/marbles/event-letters.js';
export type { EventPattern, EventPatterns } from './testing/marbles/event-alphabet.js';
export type { Events, EventTypes, RunExpectation, TokensExpectation, TokensFilter } from './testing/marbles/expect-run.js';
export type { ValueExpectation } from './testing/marbles/expect-result.js';
export type { PartOf } from './testing/marbles/part-of.js';
export type { Part } from './testing/marbles/watch-part.js';
export type { CallsExpectation, TeardownExpectation } from './testing/marbles/watched-parts.js';
export { testOrchestrator, type SomePorts, type TestOrchestrator } from './testing/marbles/test-orchestrator.js';
export { verifyOrder } from './operators/verify-order.js';

// Ports that play a script.
export { scriptedBackend, type ScriptedBackend, type ScriptedBackendConfig } from './backend/scripted-backend.js';
export type { MarbleAnswer, ScriptStep, TimedTokens } from './backend/script-step.js';
export { scriptedActor, type ScriptedActor } from './testing/scripts/scripted-actor.js';
export type { ActorPiece, ActorStep, TimedDecision } from './testing/scripts/actor-script.js';
export { scriptedPurposeFunction, type ScriptedPurposeFunction } from './testing/scripts/scripted-purpose-function.js';
export type { PurposePiece, PurposeStep, ScriptedScore, TimedScore } from './testing/scripts/purpose-script.js';
export {
  scriptedEnvironment,
  type ExecuteCall,
  type ScriptedEnvironment,
  type ScriptedEnvironmentConfig,
} from './testing/scripts/scripted-environment.js';
export type { EnvironmentPiece, EnvironmentStep } from './testing/scripts/environment-script.js';
export type { MarbleSignals, ScriptedPortConfig } from './testing/scripts/port-script.js';

// Backends that are recorded, played back, and go wrong.
export { recordTo, type RecordToConfig } from './testing/cassettes/record-to.js';
export { replayFrom, type ReplayBackend, type ReplayFromConfig } from './testing/cassettes/replay-from.js';
export { faulty, type FaultyBackend, type FaultyConfig } from './testing/faults/faulty.js';
export type { Fault } from './testing/faults/fault.js';

// A run as text.
export { renderTimeline, type TimelineConfig } from './testing/timelines/render-timeline.js';

// Laws for parts of one's own.
export type { TestRunner } from './testing/laws/test-runner.js';
export { itObeysTheOperatorLaws, type OperatorLawsConfig } from './testing/laws/operator-laws.js';
export { itObeysTheBackendLaws, type BackendLawsConfig, type TestedBackend, type TransportPlan } from './testing/laws/backend-laws.js';
export { itObeysTheExperienceLaws, type ExperienceLawsConfig } from './testing/laws/experience-laws.js';

// What these throw.
export { CassetteError } from './errors/cassette-error.js';
export { ExpectationError } from './errors/expectation-error.js';
export { ScriptError } from './errors/script-error.js';
