import type { Observable, OperatorFunction, Subscriber } from 'rxjs';
import type { LLMChunk } from '../backend/backend.js';
import { BEGUN_ANEW, nextAttempt, type AttemptSignal } from '../domain/attempt.js';
import type { ToolCall } from '../domain/chat-message.js';
import { token, type TokenSignal, type UsageSignal } from '../domain/signal.js';
import { link } from '../internal/link.js';
import { createPairKeeper, type PairKeeper } from '../internal/well-formed.js';

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

/** What {@link listen} emits of an answer. */
export type SpokenSignal = TokenSignal | UsageSignal | AttemptSignal;

type Channel = 'thought' | 'reasoning';

class Listener<R> {
  readonly #answer: SpokenAnswer;
  readonly #subscriber: Subscriber<SpokenSignal | R>;
  readonly #goOn: (() => Observable<R>) | undefined;
  /** Made for a channel when it says something. */
  #pairs: Partial<Record<Channel, PairKeeper>> = {};

  constructor(answer: SpokenAnswer, subscriber: Subscriber<SpokenSignal | R>, goOn: (() => Observable<R>) | undefined) {
    this.#answer = answer;
    this.#subscriber = subscriber;
    this.#goOn = goOn;
  }

  next(chunk: LLMChunk): void {
    const answer = this.#answer;
    switch (chunk.type) {
      case 'text':
        this.#hear('thought', chunk.text);
        break;
      case 'reasoning':
        this.#hear('reasoning', chunk.text);
        break;
      case 'tool_call':
        answer.calls.push({ id: chunk.id, name: chunk.name, params: chunk.params });
        break;
      case 'usage':
        this.#subscriber.next(chunk);
        break;
      case 'finish':
        answer.finish = chunk.reason;
        break;
      case 'restart':
        this.#restart(chunk.reason ?? BEGUN_ANEW);
        break;
      default:
    }
  }

  complete(): void {
    this.#say('reasoning', this.#pairs.reasoning?.rest() ?? '');
    this.#say('thought', this.#pairs.thought?.rest() ?? '');
    // What was held back may have been the last that was wanted.
    if (this.#subscriber.closed) return;
    if (this.#goOn === undefined) this.#subscriber.complete();
    else this.#goOn().subscribe(this.#subscriber);
  }

  #restart(reason: string): void {
    const answer = this.#answer;
    const dropped = answer.attempt;
    Object.assign(answer, unheard(dropped + 1, answer.lastHeard));
    this.#pairs = {};
    for (const signal of nextAttempt(dropped, reason)) this.#subscriber.next(signal);
  }

  #hear(channel: Channel, text: string): void {
    const pairs = (this.#pairs[channel] ??= createPairKeeper());
    this.#say(channel, pairs.take(text));
  }

  #say(channel: Channel, text: string): void {
    if (text === '') return;
    const answer = this.#answer;
    if (channel === 'thought') answer.text += text;
    answer.lastHeard = answer.attempt;
    this.#subscriber.next(token(text, { channel, attempt: answer.attempt }));
  }
}

/**
 * Hears an answer as it comes: text and reasoning go on as tokens, usage as it is, a restart as the end of one attempt
 * and the start of the next, and all else is kept in `answer`.
 * No token ends in half a surrogate pair; a half whose other half never comes is replaced.
 *
 * @param goOn - What follows the end of the answer. Defaults to nothing.
 */
export const listen = <R = never>(answer: SpokenAnswer, goOn?: () => Observable<R>): OperatorFunction<LLMChunk, SpokenSignal | R> =>
  link((subscriber) => new Listener(answer, subscriber, goOn));
