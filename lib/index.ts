// Domain: codecs and types of one name for everything that crosses a border.
export { Action, DONE, PARALLEL } from './domain/action.js';
export { ChatMessage, ToolCall } from './domain/chat-message.js';
export { decode, type Decoder } from './domain/decode.js';
export type { HistoryEntry, ToolCallRecord, Turn } from './domain/history.js';
export { Json, JsonRecord } from './domain/json.js';
export { jsonSchema, withSchema } from './domain/json-schema.js';
export type { Notice } from './domain/notice.js';
export { quote, type PromptTemplate } from './domain/prompt.js';
export { Confidence, Phi, PurposeScore, type PurposeScoreInit } from './domain/purpose-score.js';
export { foldLedger, type Ledger, type LedgerEntry, type LedgerTotals, type RequestCost } from './domain/ledger.js';
export type { Meter } from './domain/meter.js';
export { foldRun, runResult, runTrajectory, type RunState } from './domain/run-state.js';
export {
  decided,
  scored,
  signal,
  token,
  type ActionInit,
  type ActionSignal,
  type AttemptDroppedSignal,
  type AttemptStartSignal,
  type ScoreSignal,
  type Signal,
  type TokenSignal,
  type UsageSignal,
} from './domain/signal.js';
export { describeState, State } from './domain/state.js';
export {
  StreamEvent,
  type EventDraft,
  type EventEnvelope,
  type ExecutedData,
  type StepEndData,
  type StreamEventData,
  type StreamEventOf,
  type StreamEventType,
  type TaskStartData,
} from './domain/stream-event.js';
export { StopReason, Task, TaskResult } from './domain/task.js';
export { cumulativeReward, finalPhi, successRate, Trajectory, TrajectoryStep } from './domain/trajectory.js';
export { Usage } from './domain/usage.js';
export type { UserInput } from './domain/user-input.js';

// Errors, by tag.
export { describeError, type ErrorDescription } from './errors/describe-error.js';
export { EngineError, isEngineError, type EngineErrorOptions } from './errors/engine-error.js';
export { JournalError } from './errors/journal-error.js';
export { isKnownError, type KnownError } from './errors/known-error.js';
export { AnswerLimitError } from './errors/answer-limit-error.js';
export { AuthenticationError } from './errors/authentication-error.js';
export { BackendError } from './errors/backend-error.js';
export { BadRequestError } from './errors/bad-request-error.js';
export { ContractError } from './errors/contract-error.js';
export { EventOrderError } from './errors/event-order-error.js';
export { EventsNotHeldError } from './errors/events-not-held-error.js';
export { MalformedError } from './errors/malformed-error.js';
export { NetworkError } from './errors/network-error.js';
export { NotFoundError } from './errors/not-found-error.js';
export { RateLimitError } from './errors/rate-limit-error.js';
export { ScriptError } from './errors/script-error.js';
export { ServerError } from './errors/server-error.js';
export { StructuredOutputError } from './errors/structured-output-error.js';
export { TimeoutError, type TimeoutClock } from './errors/timeout-error.js';
export { ToolCallError } from './errors/tool-call-error.js';
export { TruncatedError } from './errors/truncated-error.js';

// Backends.
export type { LLMBackend, LLMChunk, LLMRequest, ToolDescription } from './backend/backend.js';
export { fromGenerate } from './backend/from-generate.js';
export { generate } from './backend/generate.js';
export { generateStream } from './backend/generate-stream.js';
export { generateStructured, type StructuredOptions, type StructuredSignal } from './backend/generate-structured.js';
export { openAIBackend } from './backend/openai-backend.js';
export type { ChatCompletionsClient } from './backend/openai-client.js';
export type { AnswerLimits, OpenAIBackendConfig } from './backend/openai-config.js';
export { scriptedBackend, type ScriptedBackend, type ScriptedBackendConfig } from './backend/scripted-backend.js';
export type { MarbleAnswer, ScriptStep, TimedTokens } from './backend/script-step.js';

// Actor and purpose function.
export type { Actor, ActorSignal, DecideContext } from './actor/actor.js';
export type { DescribedTool } from './actor/action-answer.js';
export { actorPrompt, conversationPrompt, type ConversationTemplate } from './actor/actor-prompt.js';
export { llmActor, type JsonActorConfig, type LLMActorConfig, type ToolCallActorConfig } from './actor/llm-actor.js';
export type { EvaluateContext, PurposeFunction, PurposeSignal } from './purpose/purpose-function.js';
export { llmPurposeFunction, type LLMPurposeFunctionConfig } from './purpose/llm-purpose-function.js';
export { purposePrompt } from './purpose/purpose-prompt.js';
export { rulePurposeFunction, type RuleJudgement } from './purpose/rule-purpose-function.js';

// Environment and experience.
export type { Approval, CallRequest, DoubtVerdict, Environment, ExecuteContext } from './environment/environment.js';
export { isToolProgress, tool, toolProgress, type AnyTool, type Tool, type ToolContext, type ToolProgress } from './environment/tool.js';
export type { Observation } from './environment/tool-signal.js';
export { toolEnvironment, type ToolEnvironment, type ToolEnvironmentConfig } from './environment/tool-environment.js';
export type { Experience, RecallQuery } from './experience/experience.js';
export { inMemoryExperience, type InMemoryExperienceConfig } from './experience/in-memory-experience.js';

// The orchestrator, its runs, and operators on their events.
export type { AgentRun } from './orchestrator/agent-run.js';
export type { ApprovalDecision, ApprovalRequest, ApproveConfig } from './orchestrator/approval.js';
export type { Journal, RunJournal } from './orchestrator/journal.js';
export type { DoubtfulCall, InDoubt, ResumeOptions } from './orchestrator/resume.js';
export { createOrchestrator, type Orchestrator, type OrchestratorConfig } from './orchestrator/orchestrator.js';
export type { Budget, BudgetAccount, Demand, TellBudget } from './orchestrator/run-budget.js';
export type { RunClock, StopPolicy, Verdict } from './orchestrator/stop-policy.js';
export { coalesceTokens, type CoalesceTokensConfig } from './operators/coalesce-tokens.js';
export { ofType } from './operators/of-type.js';
export { toTokens, type ToTokensConfig } from './operators/to-tokens.js';
export { toTrajectory } from './operators/to-trajectory.js';
export { verifyOrder } from './operators/verify-order.js';
