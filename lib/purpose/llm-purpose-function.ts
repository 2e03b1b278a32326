import { defer } from 'rxjs';
import type { LLMBackend, LLMRequest } from '../backend/backend.js';
import { checkRepairs, concludeStructured } from '../backend/generate-structured.js';
import { meterOf } from '../domain/meter.js';
import { promptFault, renderPrompt, type PromptTemplate } from '../domain/prompt.js';
import { scored } from '../domain/signal.js';
import { ContractError } from '../errors/contract-error.js';
import { toWellFormed } from '../internal/well-formed.js';
import type { PurposeFunction, PurposeSignal } from './purpose-function.js';
import { purposePlaceholders, purposePrompt, purposeValues } from './purpose-prompt.js';
import { scoreAnswer, scoreSchema, type ScoreAnswer } from './score-answer.js';

/** Configuration of {@link llmPurposeFunction}. */
export interface LLMPurposeFunctionConfig {
  /** The model that judges; not the actor's, if it is to be less easily swayed by its own kind. */
  readonly backend: LLMBackend;
  /** How often an answer that is no score is sent back with what was wrong, a whole number from 0 to 100. Defaults to 1. */
  readonly repairs?: number;
  /** Defaults to {@link purposePrompt}, where its placeholders are listed. */
  readonly prompt?: PromptTemplate;
  /** From 0 to 2; `null`: not sent. Defaults to 0.3. */
  readonly temperature?: number | null;
  /** The most tokens of an answer. Defaults to 1024. */
  readonly maxTokens?: number;
}

const limitsOf = ({ temperature, maxTokens }: LLMPurposeFunctionConfig): Omit<LLMRequest, 'messages'> => ({
  ...(temperature === undefined ? {} : { temperature }),
  ...(maxTokens === undefined ? {} : { maxTokens }),
});

/** The fields whose tokens are heard. */
const CHANNELS = ['evidence'];

/** The evidence is the text that streamed, in which half a surrogate pair is replaced. */
const toScore = (answer: ScoreAnswer): PurposeSignal => scored({ ...answer, evidence: toWellFormed(answer.evidence) });

/**
 * A purpose function that asks a model to judge, and lets its evidence be heard while it weighs.
 *
 * ```text
 * answer      -{"evidence":"a -key",-"phiBefore":0,"phiAfter":4,"confidence":1}-|
 * evaluate()  -(a )-----------(key)-------------------------------------------(score|)
 * ```
 *
 * The model answers `{ evidence, phiBefore, phiAfter, confidence }`. It is shown the purpose, the two states and what
 * changed between them, never the action nor what the actor thought and expected of it, so that a persuasive thought
 * cannot raise Φ. `phiBefore` is asked for at the first step of a run alone; afterwards it is the `phiAfter` of the
 * score before, whatever the model says, so that Φ is one line through the run.
 *
 * Nothing is clamped. A Φ outside 0 to 10, a confidence outside 0 to 1, and a Φ that rises without evidence are
 * answers that do not decode: they are sent back with what was wrong (`repairs`), and the next `attempt` replaces what
 * was said before, which `attempt_dropped` and `attempt_start` tell. Tokens come in the channels `evidence` and `reasoning`.
 *
 * Cold: each subscription to an evaluation is one request, or one more for each repair; the function holds nothing
 * between evaluations, so runs can share it. Unsubscribing aborts the request. Errors: `StructuredOutputError` where an
 * answer is still no score after its repairs; the backend's own as they are. The maker throws a `ContractError` for a
 * prompt with an unknown placeholder and for `repairs` that are no whole number from 0 to 100.
 *
 * ```ts
 * const backend = scriptedBackend(['{"evidence":"the door is open","phiBefore":0,"phiAfter":9,"confidence":0.9}']);
 * const purposeFunction = llmPurposeFunction({ backend });
 * ```
 */
export function llmPurposeFunction(config: LLMPurposeFunctionConfig): PurposeFunction {
  const { backend, repairs = 1, prompt = purposePrompt } = config;
  const fault = promptFault({ ...prompt }, purposePlaceholders);
  if (fault !== undefined) throw new ContractError(fault);
  checkRepairs(repairs);
  const limits = limitsOf(config);

  return {
    evaluate: ({ purpose, stateBefore, stateAfter, scores, attempt, meter }) =>
      defer(() => {
        const phiBefore = scores.at(-1)?.phiAfter;
        const messages = renderPrompt(prompt, purposeValues({ purpose, stateBefore, stateAfter }, phiBefore));
        return concludeStructured<ScoreAnswer, PurposeSignal>(
          backend,
          { ...limits, ...meterOf({ meter }), messages },
          scoreAnswer(phiBefore),
          {
            repairs,
            schema: scoreSchema(phiBefore),
            name: 'score',
            channels: CHANNELS,
            attempt,
            tellAttempt: (signal) => signal,
            conclude: toScore,
          },
        );
      }),
  };
}
