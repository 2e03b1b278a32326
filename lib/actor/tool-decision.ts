import { catchError, concat, defer, EMPTY, from, throwError, type Observable } from 'rxjs';
import type { LLMBackend, LLMRequest } from '../backend/backend.js';
import { DONE, PARALLEL, type Action } from '../domain/action.js';
import type { ChatMessage } from '../domain/chat-message.js';
import { quote } from '../domain/prompt.js';
import { token } from '../domain/signal.js';
import { truncate } from '../domain/text.js';
import { isEngineError } from '../errors/engine-error.js';
import { StructuredOutputError } from '../errors/structured-output-error.js';
import type { ToolCallError } from '../errors/tool-call-error.js';
import { settleAction, type DescribedTool } from './action-answer.js';
import type { ActorSignal } from './actor.js';
import { listen, unheard, type SpokenAnswer } from './spoken-answer.js';

/** What a decision by native tool calls is made with. */
export interface ToolDecisionConfig {
  readonly backend: LLMBackend;
  readonly request: LLMRequest;
  readonly repairs: number;
  readonly tools: readonly DescribedTool[];
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

const actionOf = ({ text, calls, finish }: SpokenAnswer): Action | undefined => {
  const [first, ...others] = calls;
  const said = { thought: text, expectedDelta: '' };
  if (first !== undefined && others.length === 0) return { name: first.name, params: first.params, ...said };
  if (first !== undefined) return { name: PARALLEL, params: { calls: calls.map(({ name, params }) => ({ name, params })) }, ...said };
  return finish === 'stop' && text.trim() !== '' ? { name: DONE, params: { answer: text }, ...said } : undefined;
};

const issueOf = ({ text, finish }: SpokenAnswer): string => {
  if (finish === 'length') return 'it was cut off because it is too long: answer more briefly';
  if (finish === 'tool_calls') return 'it ended as if tools were called, and no call came';
  if (text.trim() === '') return 'it holds neither a tool call nor a text';
  return finish === undefined
    ? 'it ended without saying why, so it may be cut off'
    : `it ended with ${JSON.stringify(finish)} in place of "stop"`;
};

const askAgain = (request: LLMRequest, { issue, received }: Refusal): LLMRequest => {
  const note = [
    `Your last answer could not be used: ${issue}.`,
    ...(received === '' ? [] : [quote('answer', truncate(received, LONGEST_QUOTATION))]),
    'Answer again: call tools, or end the task with a text.',
  ].join('\n');
  // Added to the last message, which is the user's: not every server takes two in a row.
  const messages = request.messages.map((message, index): ChatMessage =>
    index === request.messages.length - 1 ? { ...message, content: `${message.content}\n\n${note}` } : message,
  );
  return { ...request, messages };
};

/**
 * Asks for an action by native tool calls. One call is that action, several are one `parallel`, and a text that ended
 * with `stop` is DONE. Anything else is asked again with what was wrong, `repairs` times.
 */
export const decideByToolCalls = (config: ToolDecisionConfig): Observable<ActorSignal> =>
  attemptDecision(config, config.request, () => unheard(1), 0);

const attemptDecision = (
  config: ToolDecisionConfig,
  request: LLMRequest,
  begin: () => SpokenAnswer,
  repaired: number,
): Observable<ActorSignal> =>
  defer(() => {
    const answer = begin();
    let unsound: ToolCallError | undefined;

    const heard$ = config.backend.stream(request).pipe(
      listen(answer),
      catchError((error: unknown) => {
        if (!isToolCallError(error)) return throwError(() => error);
        unsound = error;
        return EMPTY;
      }),
    );
    const concluded$ = defer((): Observable<ActorSignal> => {
      const action = unsound === undefined ? actionOf(answer) : undefined;
      if (action !== undefined) return from([...takeBack(answer), { type: 'action' as const, action: settleAction(config.tools, action) }]);
      const refusal = refuse(answer, unsound);
      return repaired < config.repairs
        ? attemptDecision(config, askAgain(config.request, refusal), () => unheard(answer.attempt + 1, answer.lastHeard), repaired + 1)
        : throwError(() => toError(refusal, repaired));
    });
    return concat(heard$, concluded$);
  });

/** An answer that says nothing still has to replace what was said before it: an empty token of its attempt does. */
const takeBack = ({ attempt, lastHeard }: SpokenAnswer): readonly ActorSignal[] =>
  lastHeard > 0 && lastHeard < attempt ? [token('', { channel: 'thought', attempt })] : [];

const refuse = (answer: SpokenAnswer, unsound: ToolCallError | undefined): Refusal =>
  unsound === undefined
    ? { issue: issueOf(answer), received: answer.text }
    : { issue: unsound.message, received: unsound.received, cause: unsound };

const toError = ({ issue, received, cause }: Refusal, repaired: number): StructuredOutputError =>
  new StructuredOutputError(`The model's answer is no action, asked ${repaired + 1} times: ${issue}.`, {
    issues: [issue],
    received,
    ...(cause === undefined ? {} : { cause }),
  });
