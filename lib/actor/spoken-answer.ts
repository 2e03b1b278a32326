import type { OperatorFunction } from 'rxjs';
import type { LLMChunk } from '../backend/backend.js';
import type { ToolCall } from '../domain/chat-message.js';
import { token, type TokenSignal, type UsageSignal } from '../domain/signal.js';
import { operate } from '../internal/operate.js';
import { createPairKeeper } from '../internal/well-formed.js';

/** What was heard of an answer with native tool calls; {@link listen} fills it in. */
export interface SpokenAnswer {
  /** From 1; one more for each restart. */
  attempt: number;
  /** Everything said in the channel `thought`. */
  text: string;
  calls: ToolCall[];
  /** Why the answer ended; `undefined` where the server did not say. */
  finish: string | undefined;
  /** The attempt of the last token, 0 before there is any. Below `attempt`, what was said is void and not replaced. */
  lastHeard: number;
}

/** An answer of which nothing has been heard; `lastHeard` is that of the answer before it. */
export const unheard = (attempt: number, lastHeard = 0): SpokenAnswer => ({ attempt, text: '', calls: [], finish: undefined, lastHeard });

type Channel = 'thought' | 'reasoning';

/**
 * Hears an answer as it comes: text and reasoning go on as tokens, usage as it is, and all else is kept in `answer`.
 * No token ends in half a surrogate pair; a half whose other half never comes is replaced.
 */
export const listen = (answer: SpokenAnswer): OperatorFunction<LLMChunk, TokenSignal | UsageSignal> =>
  operate((subscriber) => {
    let pairs = { thought: createPairKeeper(), reasoning: createPairKeeper() };

    const emit = (channel: Channel, text: string): void => {
      if (text === '') return;
      if (channel === 'thought') answer.text += text;
      answer.lastHeard = answer.attempt;
      subscriber.next(token(text, { channel, attempt: answer.attempt }));
    };
    const restart = (): void => {
      Object.assign(answer, unheard(answer.attempt + 1, answer.lastHeard));
      pairs = { thought: createPairKeeper(), reasoning: createPairKeeper() };
    };

    return {
      next: (chunk) => {
        switch (chunk.type) {
          case 'text':
            emit('thought', pairs.thought.take(chunk.text));
            break;
          case 'reasoning':
            emit('reasoning', pairs.reasoning.take(chunk.text));
            break;
          case 'tool_call':
            answer.calls.push({ id: chunk.id, name: chunk.name, params: chunk.params });
            break;
          case 'usage':
            subscriber.next(chunk);
            break;
          case 'finish':
            answer.finish = chunk.reason;
            break;
          case 'restart':
            restart();
            break;
          default:
        }
      },
      complete: () => {
        emit('reasoning', pairs.reasoning.rest());
        emit('thought', pairs.thought.rest());
      },
    };
  });
