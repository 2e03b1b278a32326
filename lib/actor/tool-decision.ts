import { catchError, defer, from, throwError, type Observable } from 'rxjs';
import { askBackend } from '../backend/ask-backend.js';
import type { LLMBackend, LLMRequest } from '../backend/backend.js';
import { isCutOff } from '../backend/is-cut-off.js';
import { DONE, PARALLEL, type Action } from '../domain/action.js';
import { nextAttempt } from '../domain/attempt.js';
import type { ToolCall } from '../domain/chat-message.js';
import { addNote, inertText, quote } from '../domain/prompt.js';
import { token } from '../domain/signal.js';
import { truncate } from '../domain/text.js';
import { isEngineError } from '../errors/engine-error.js';
import { redact } from '../errors/redact.js';
import { StructuredOutputError } from '../errors/structured-output-error.js';
import type { ToolCallError } from '../errors/tool-call-error.js';
import { emitThen } from '../internal/emit-then.js';
import { settleAction, type DescribedTool } from './action-answer.js';
import type { ActorSignal } from './actor.js';
import { listen, unheard, type SpokenAnswer } from './spoken-answer.js';
import type { WireNames } from './wire-names.js';

/** What a decision by native tool calls is made with. */
export interface ToolDecisionConfig {
  readonly backend: LLMBackend;
  readonly request: LLMRequest;
  readonly repairs: number;
  readonly tools: readonly DescribedTool[];
  /** The names under which the tools are offered in the request. */
  readonly names: WireNames;
  /** The attempt that it begins with. Defaults to 1. */
  readonly attempt?: number | undefined;
}

/** Why an answer is no action, and what of it is shown to the model again. */
interface Refusal {
  readonly issue: string;
  readonly received: string;
  readonly cause?: ToolCallError;
}

/** How much of a refused answer is quoted when it is asked again, in UTF-16 code units. */
const LONGEST_QUOTATION = 2000;

const isToolCallError = (error: unknown): error is ToolCallError => isEngineError(error) && error._tag === 'ToolCallError';

const actionOf = ({ text, calls: wired, finish }: SpokenAnswer, { fromWire }: WireNames): Action | undefined => {
  // Of calls that were cut off, nobody knows whether they are all that was meant.
  if (isCutOff(finish)) return undefined;
  const calls = wired.map(({ name, params }): Pick<ToolCall, 'name' | 'params'> => ({ name: fromWire(name), params }));
  const [first, ...others] = calls;
  const said = { thought: text, expectedDelta: '' };
  if (first !== undefined && others.length === 0) return { name: first.name, params: first.params, ...said };
  if (first !== undefined) return { name: PARALLEL, params: { calls }, ...said };
  return finish === 'stop' && text.trim() !== '' ? { name: DONE, params: { answer: text }, ...said } : undefined;
};

const issueOf = ({ text, finish }: SpokenAnswer): string => {
  if (finish === 'length') return 'it was cut off because it is too long: answer more briefly';
  if (finish === 'tool_calls') return 'it ended as if tools were called, and no call came';
  if (text.trim() === '' && !isCutOff(finish)) return 'it holds neither a tool call nor a text';
  return finish === undefined
    ? 'it ended without saying why, so it may be cut off'
    : `it ended with ${JSON.stringify(finish)} in place of "stop"`;
};

const askAgain = (request: LLMRequest, { issue, received }: Refusal): LLMRequest => {
  // What follows the first sentence of an error is for whoever runs the program.
  const [fault = issue] = issue.split(/\.(?: (?=[A-Z])|$)/);
  const note = [
    `Your last answer could not be used: ${inertText(fault)}.`,
    ...(received === '' ? [] : [quote('answer', truncate(received, LONGEST_QUOTATION))]),
    'Answer again: call tools, or end the task with a text. If the answer was cut off, be briefer.',
  ].join('\n');
  return { ...request, messages: addNote(request.messages, note) };
};

/**
 * Asks for an action by native tool calls. One call is that action, several are one `parallel`, and a text that ended
 * with `stop` is DONE. Anything else is told as a dropped attempt and asked again with what was wrong, `repairs` times.
 */
export const decideByToolCalls = (config: ToolDecisionConfig): Observable<ActorSignal> => {
  const { attempt = 1 } = config;
  // Above the first attempt something may have been said before, be it by another: nothing of it is to be left standing.
  return attemptDecision(config, config.request, () => unheard(attempt, attempt - 1), 0);
};

const attemptDecision = (
  config: ToolDecisionConfig,
  request: LLMRequest,
  begin: () => SpokenAnswer,
  repaired: number,
): Observable<ActorSignal> =>
  defer(() => {
    const answer = begin();
    const conclude = (unsound?: ToolCallError): Observable<ActorSignal> => {
      const action = unsound === undefined ? actionOf(answer, config.names) : undefined;
      if (action !== undefined) return from([...takeBack(answer), { type: 'action' as const, action: settleAction(config.tools, action) }]);
      const refusal = refuse(answer, unsound);
      if (repaired >= config.repairs) return throwError(() => toError(refusal, repaired));
      const begin = (): SpokenAnswer => unheard(answer.attempt + 1, answer.lastHeard);
      const [dropped, begun] = nextAttempt(answer.attempt, `the answer is no action: ${refusal.issue}`);
      return emitThen(dropped, () =>
        emitThen(begun, () => attemptDecision(config, askAgain(config.request, refusal), begin, repaired + 1)),
      );
    };
    return askBackend(config.backend, request).pipe(
      listen(answer, () => conclude()),
      // One of this answer: those of a repair are heard there.
      catchError((error: unknown) => (isToolCallError(error) ? conclude(error) : throwError(() => error))),
    );
  });

/** An answer that says nothing still has to replace what was said before it: an empty token of its attempt does. */
const takeBack = ({ attempt, lastHeard }: SpokenAnswer): readonly ActorSignal[] =>
  lastHeard > 0 && lastHeard < attempt ? [token('', { channel: 'thought', attempt })] : [];

const refuse = (answer: SpokenAnswer, unsound: ToolCallError | undefined): Refusal =>
  unsound === undefined
    ? { issue: issueOf(answer), received: answer.text }
    : { issue: unsound.message, received: unsound.received, cause: unsound };

const toError = ({ issue, received, cause }: Refusal, repaired: number): StructuredOutputError =>
  // The model's text may quote a key that it was shown.
  new StructuredOutputError(`The model's answer is no action, asked ${repaired + 1} times: ${issue.replace(/\.$/, '')}.`, {
    issues: [issue],
    received: redact(received),
    ...(cause === undefined ? {} : { cause }),
  });
