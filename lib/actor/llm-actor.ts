import { defer } from 'rxjs';
import type { LLMBackend, LLMRequest } from '../backend/backend.js';
import { checkRepairs } from '../backend/generate-structured.js';
import type { ChatMessage } from '../domain/chat-message.js';
import { meterOf } from '../domain/meter.js';
import { addNote, asksFor, promptFault, renderPrompt, type PromptTemplate } from '../domain/prompt.js';
import { ContractError } from '../errors/contract-error.js';
import type { DescribedTool } from './action-answer.js';
import { actionSchema, describeTools, toNativeTools } from './action-schema.js';
import type { Actor } from './actor.js';
import { actorPlaceholders, actorPrompt, actorValues, conversationPrompt, type ConversationTemplate } from './actor-prompt.js';
import { createConversation } from './conversation.js';
import { decideByJson } from './json-decision.js';
import { decideByToolCalls } from './tool-decision.js';
import { createWireNames } from './wire-names.js';

/** What both kinds of model-driven actor are configured with. */
interface CommonConfig {
  /** The model that decides. */
  readonly backend: LLMBackend;
  /**
   * What the model is told it can do: `environment.tools`, or descriptions of your own. Left out, names and parameters
   * are open, for an environment whose actions the purpose or the prompt explains.
   */
  readonly tools?: readonly DescribedTool[];
  /** How often an answer that is no action is sent back with what was wrong, a whole number from 0 to 100. Defaults to 1. */
  readonly repairs?: number;
  /** From 0 to 2; `null`: not sent. Defaults to 0.3. */
  readonly temperature?: number | null;
  /** The most tokens of an answer. Defaults to 1024. */
  readonly maxTokens?: number;
  /** How many of the newest steps the placeholder `history` holds, a whole number from 0. Defaults to 50. */
  readonly historyLimit?: number;
}

/** Configuration of an actor whose model answers with a JSON object. */
export interface JsonActorConfig extends CommonConfig {
  readonly actions?: 'json';
  /** Defaults to {@link actorPrompt}, where its placeholders are listed. */
  readonly prompt?: PromptTemplate;
}

/** Configuration of an actor whose model answers with the server's native tool calls. */
export interface ToolCallActorConfig extends CommonConfig {
  readonly actions: 'tools';
  /** Defaults to {@link conversationPrompt}. Its placeholders are those of {@link actorPrompt}. */
  readonly prompt?: ConversationTemplate;
}

/** Configuration of {@link llmActor}. */
export type LLMActorConfig = JsonActorConfig | ToolCallActorConfig;

/** What is sent of a request beside its messages, where {@link generateStructured} does not add it. */
const TOOL_CALL_DEFAULTS = { temperature: 0.3, maxTokens: 1024 };

const limitsOf = ({ temperature, maxTokens }: LLMActorConfig): Omit<LLMRequest, 'messages'> => ({
  ...(temperature === undefined ? {} : { temperature }),
  ...(maxTokens === undefined ? {} : { maxTokens }),
});

const checkConfig = ({ repairs = 1, historyLimit = 50 }: LLMActorConfig, prompt: PromptTemplate): void => {
  const fault = promptFault({ ...prompt }, actorPlaceholders);
  if (fault !== undefined) throw new ContractError(fault);
  checkRepairs(repairs);
  if (!Number.isSafeInteger(historyLimit) || historyLimit < 0)
    throw new ContractError(`historyLimit has to be a whole number from 0, not ${historyLimit}.`);
};

/** Notices reach the model whether a template asks for them or not: they would be said in vain. */
const createNoticeAdder = (prompt: PromptTemplate): ((messages: readonly ChatMessage[], notices: string) => readonly ChatMessage[]) =>
  asksFor({ ...prompt }, 'notices')
    ? (messages) => messages
    : (messages, notices) => (notices === '' ? messages : addNote(messages, notices.trim()));

/**
 * An actor that asks a model for the next action, and lets its thought be heard while the action is still forming.
 *
 * With `actions: 'json'`, the default, the model answers `{ thought, name, params, expectedDelta }`. The thought comes
 * first, so its tokens stream before the action is complete:
 *
 * ```text
 * answer    -{"thought":"I -look."-,"name":"look","params":{},…}-|
 * decide()  -(I )----------(look.)-------------------------------(action|)
 * ```
 *
 * With `actions: 'tools'` it answers with the server's native tool calls: its text is the thought, `expectedDelta` is
 * empty, several calls are one `parallel`, and a text with no calls that ended with `stop` is DONE with the text as
 * its answer. The model then sees the whole history as its own calls and their results.
 *
 * Tokens come in the channels `thought` and `reasoning`. A higher `attempt` replaces what was said before: the backend
 * began anew, or an answer that is no action was sent back (`repairs`); `attempt_dropped` and `attempt_start` tell it at
 * once. A tool that does not exist and parameters that its codec refuses are actions all the same: the environment
 * answers them with an observation. The nulls that a server's strict mode makes a model write for parameters it leaves
 * out are taken away.
 *
 * What comes from states, tools and experience stands in the prompt as quoted data, marked as such. So do the notices of
 * users and of stop policies, which the model is told to heed.
 *
 * Cold: each subscription to a decision is one request, or one more for each repair; the actor holds nothing between
 * decisions, so runs can share it. Unsubscribing aborts the request. Errors: `StructuredOutputError` where an answer is
 * still no action after its repairs; the backend's own as they are. The maker throws a `ContractError` for a prompt with
 * an unknown placeholder and for limits that are no whole numbers.
 *
 * ```ts
 * const backend = scriptedBackend(['{"thought":"I look.","name":"look","params":{},"expectedDelta":"I see more."}']);
 * const actor = llmActor({ backend, tools: [{ name: 'look', description: 'Looks around.' }] });
 * ```
 */
export function llmActor(config: LLMActorConfig): Actor {
  const { backend, tools, repairs = 1, historyLimit = 50 } = config;
  const described = tools === undefined ? [] : describeTools(tools);
  const limits = limitsOf(config);
  const known = tools ?? [];

  if (config.actions === 'tools') {
    const { prompt = conversationPrompt } = config;
    checkConfig(config, prompt);
    const names = createWireNames(described.map(({ name }) => name));
    const wired = described.map((tool) => ({ ...tool, name: names.toWire(tool.name) }));
    const toMessages = createConversation(prompt, names);
    const offered = wired.length === 0 ? {} : { tools: toNativeTools(wired) };
    const withNotices = createNoticeAdder(prompt);
    return {
      decide: (context) =>
        defer(() => {
          const values = actorValues(context, wired, historyLimit);
          const messages = withNotices(toMessages(values, context.turns), values.notices);
          const request = { ...TOOL_CALL_DEFAULTS, ...limits, ...offered, ...meterOf(context), messages };
          return decideByToolCalls({ backend, request, repairs, tools: known, names, attempt: context.attempt });
        }),
    };
  }

  const { prompt = actorPrompt } = config;
  checkConfig(config, prompt);
  const schema = actionSchema(tools === undefined ? undefined : described);
  const withNotices = createNoticeAdder(prompt);
  return {
    decide: (context) =>
      defer(() => {
        const values = actorValues(context, described, historyLimit);
        const messages = withNotices(renderPrompt(prompt, values), values.notices);
        return decideByJson({
          backend,
          request: { ...limits, ...meterOf(context), messages },
          repairs,
          schema,
          tools: known,
          attempt: context.attempt,
        });
      }),
  };
}
