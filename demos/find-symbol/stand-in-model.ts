import { concat, defer, from, ignoreElements, interval, map, of, take, timer, type Observable, type SchedulerLike } from 'rxjs';
import type { LLMBackend, LLMChunk, LLMRequest } from 'purpose-rx';
import { promptData } from './prompt-data.js';
import { decideByRules } from './stand-in-actor.js';
import { judgeByRules } from './stand-in-judge.js';

/** Configuration of {@link standInModel}. */
export interface StandInModelConfig {
  /** Milliseconds from one token to the next; 0: the whole answer at once. Defaults to 12. */
  readonly pace?: number;
  /** Defaults to RxJS's `asyncScheduler`. */
  readonly scheduler?: SchedulerLike;
}

/** What a request asks for shows in the data that its prompt quotes: a judge is shown two states. */
const answerTo = (request: LLMRequest): string => {
  const data = promptData(request);
  if (data.has('state_after')) return JSON.stringify(judgeByRules(data));
  if (data.has('state') && data.has('tools')) return JSON.stringify(decideByRules(data));
  return 'I am a stand-in for a model: all I can do is to find symbols.';
};

/** Pieces about as long as a model's tokens. */
const tokensOf = (text: string): readonly string[] => text.match(/[^]{1,5}(?=[^\p{L}])|[^]{1,4}/gu) ?? [];

/**
 * A stand-in for a model, so that the demo runs with no key: a few rules that read the prompts a model would get, the
 * data quoted in them and nothing else, and stream the JSON that a model would answer. It knows how to find symbols and
 * can do nothing else.
 *
 * Cold, as every backend; unsubscribing stops it.
 */
export function standInModel({ pace = 12, scheduler }: StandInModelConfig = {}): LLMBackend {
  const spoken = (tokens: readonly string[]): Observable<string> => {
    if (pace === 0) return from(tokens);
    const thinking$ = timer(pace * 10, scheduler).pipe(ignoreElements());
    const speaking$ = interval(pace, scheduler).pipe(take(tokens.length));
    return concat(thinking$, speaking$.pipe(map((index) => tokens[index] ?? '')));
  };
  return {
    stream: (request) =>
      defer(() => {
        const tokens = tokensOf(answerTo(request));
        const inputTokens = Math.ceil(request.messages.reduce((length, { content }) => length + content.length, 0) / 4);
        return concat(
          spoken(tokens).pipe(map((text): LLMChunk => ({ type: 'text', text }))),
          of<LLMChunk[]>({ type: 'usage', usage: { inputTokens, outputTokens: tokens.length } }, { type: 'finish', reason: 'stop' }),
        );
      }),
  };
}
