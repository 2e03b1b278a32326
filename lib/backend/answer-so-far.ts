import { from, throwError, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { addUsage, type Usage } from '../domain/usage.js';
import { errorText } from '../errors/describe-error.js';
import { emitThen } from '../internal/emit-then.js';
import { link } from '../internal/link.js';
import type { LLMChunk } from './backend.js';

/** The finish of an answer that was cut off and is kept all the same: no `stop`, so nobody takes it for whole. */
export const SALVAGED = 'salvaged';

/** Usage that is reported again within an answer has counted up: the larger one is the truth. */
const larger = (one: Usage | undefined, other: Usage): Usage => ({
  inputTokens: Math.max(one?.inputTokens ?? 0, other.inputTokens),
  outputTokens: Math.max(one?.outputTokens ?? 0, other.outputTokens),
});

/**
 * What one answer has said and cost so far, whatever number of attempts it takes: one for each subscription.
 *
 * @internal
 */
export class AnswerSoFar {
  #hasSpoken = false;
  #hasText = false;
  #hasCall = false;
  #hasFinish = false;
  /** Of the attempts that are over. */
  #spent: Usage | undefined;
  /** Of the attempt under way. */
  #usage: Usage | undefined;

  /** Passes an attempt on, but for its usage: one for all attempts comes at the end. */
  readonly listen: MonoTypeOperatorFunction<LLMChunk> = link((subscriber) => ({
    next: (chunk) => {
      if (chunk.type === 'usage') {
        this.#usage = larger(this.#usage, chunk.usage);
        return;
      }
      this.#note(chunk);
      subscriber.next(chunk);
    },
    complete: () => {
      for (const chunk of this.#cost()) subscriber.next(chunk);
      subscriber.complete();
    },
  }));

  /** Whether something stands that another attempt would have to take back. */
  get hasSpoken(): boolean {
    return this.#hasSpoken;
  }

  /** Whether what stands can be kept: a text, with no call beside it that would be half of what was to be done. */
  get isWorthKeeping(): boolean {
    return this.#hasText && !this.#hasCall;
  }

  /** Takes back what an attempt said that failed, if it said anything, and goes on with another. */
  beginAnew(error: unknown, project: () => Observable<LLMChunk>): Observable<LLMChunk> {
    this.#spent = this.#total();
    this.#usage = undefined;
    if (!this.#hasSpoken) return project();
    this.#clear();
    return emitThen({ type: 'restart', reason: errorText(error) }, project);
  }

  /** Ends the answer with what stands. */
  keep(): Observable<LLMChunk> {
    const finish: readonly LLMChunk[] = this.#hasFinish ? [] : [{ type: 'finish', reason: SALVAGED }];
    return from([...finish, ...this.#cost()]);
  }

  /** Ends the answer with an error. What was paid for it is told before. */
  fail(error: unknown): Observable<LLMChunk> {
    const [cost] = this.#cost();
    const failed$ = throwError(() => error);
    return cost === undefined ? failed$ : emitThen(cost, () => failed$);
  }

  #note(chunk: LLMChunk): void {
    if (chunk.type === 'text' || chunk.type === 'reasoning') {
      if (chunk.text === '') return;
      this.#hasText ||= chunk.type === 'text';
    } else if (chunk.type === 'tool_call') this.#hasCall = true;
    else if (chunk.type === 'finish') this.#hasFinish = true;
    else {
      this.#clear();
      return;
    }
    this.#hasSpoken = true;
  }

  #clear(): void {
    this.#hasSpoken = false;
    this.#hasText = false;
    this.#hasCall = false;
    this.#hasFinish = false;
  }

  #total(): Usage | undefined {
    if (this.#usage === undefined || this.#spent === undefined) return this.#usage ?? this.#spent;
    return addUsage(this.#spent, this.#usage);
  }

  #cost(): readonly LLMChunk[] {
    const usage = this.#total();
    return usage === undefined ? [] : [{ type: 'usage', usage }];
  }
}
