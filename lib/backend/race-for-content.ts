import { defer, Observable, Subscription, timer, type SchedulerLike, type Subscriber } from 'rxjs';
import { AllBackendsFailedError } from '../errors/all-backends-failed-error.js';
import { isEngineError } from '../errors/engine-error.js';
import { errorTexts } from '../errors/kept-errors.js';
import { LinkedSubscriber } from '../internal/linked-subscriber.js';
import { askBackend } from './ask-backend.js';
import type { LLMBackend, LLMChunk, LLMRequest } from './backend.js';

/** What {@link raceForContent} is made of. */
export interface ContentRaceConfig {
  readonly request: LLMRequest;
  /** Who takes part, one request each, in the order in which they begin. */
  readonly contenders: readonly LLMBackend[];
  /** How long without content the next one waits, in milliseconds. */
  readonly after: number;
  readonly scheduler: SchedulerLike;
}

const isText = (chunk: LLMChunk): chunk is Extract<LLMChunk, { readonly text: string }> =>
  chunk.type === 'text' || chunk.type === 'reasoning';

const isContent = (chunk: LLMChunk): boolean => (isText(chunk) ? chunk.text !== '' : chunk.type === 'tool_call');

const isHopeless = (error: unknown): boolean => isEngineError(error) && !error.isRetryable;

const allFailed = (errors: readonly unknown[]): AllBackendsFailedError =>
  new AllBackendsFailedError(
    `All ${errors.length} requests for an answer failed before they said anything. Mend their backend, or add another. ${errorTexts(errors)}`,
    { errors },
  );

/** The race of one subscription. */
class ContentRace {
  readonly #subscriber: Subscriber<LLMChunk>;
  readonly #config: ContentRaceConfig;
  readonly #trying = new Set<Subscription>();
  readonly #errors: unknown[] = [];
  #waiting: readonly LLMBackend[];
  #clock = Subscription.EMPTY;
  /** What the first answer without content said. */
  #empty: readonly LLMChunk[] | undefined;
  /** How many more are to begin. */
  #due = 0;
  #isBeginning = false;
  #isDecided = false;

  constructor(subscriber: Subscriber<LLMChunk>, config: ContentRaceConfig) {
    this.#subscriber = subscriber;
    this.#config = config;
    this.#waiting = config.contenders;
    subscriber.add(() => {
      this.#clock.unsubscribe();
    });
  }

  /** Lets the next one begin, if there is one. A loop, since it may end before it has begun to be waited for. */
  beginNext(): void {
    this.#due += 1;
    if (this.#isBeginning) return;
    this.#isBeginning = true;
    while (this.#due > 0 && this.#isOpen()) {
      this.#due -= 1;
      const [next, ...others] = this.#waiting;
      if (next === undefined) continue;
      this.#waiting = others;
      this.#begin(next);
    }
    this.#isBeginning = false;
    if (!this.#isOpen()) return;
    if (this.#waiting.length > 0) this.#awaitContent();
    else if (this.#trying.size === 0) this.#conclude();
  }

  #isOpen(): boolean {
    return !this.#isDecided && !this.#subscriber.closed;
  }

  #begin(backend: LLMBackend): void {
    const subscriber = this.#subscriber;
    /** What it said before any content: no empty texts, so it stays small. */
    const held: LLMChunk[] = [];
    let isWinner = false;
    const win = (): void => {
      if (isWinner || contender.closed) return;
      isWinner = true;
      this.#decideFor(contender);
      for (const early of held) subscriber.next(early);
    };

    const contender = new LinkedSubscriber<LLMChunk>(subscriber, {
      next: (chunk) => {
        if (isContent(chunk)) win();
        if (isWinner) subscriber.next(chunk);
        else if (!isText(chunk)) held.push(chunk);
      },
      error: (error) => {
        if (isWinner) {
          subscriber.error(error);
          return;
        }
        this.#errors.push(error);
        if (isHopeless(error)) this.#waiting = this.#waiting.filter((other) => other !== backend);
        this.#giveWay(contender);
      },
      complete: () => {
        if (isWinner) {
          subscriber.complete();
          return;
        }
        this.#empty ??= held;
        this.#giveWay(contender);
      },
    });
    this.#trying.add(contender);
    const { request } = this.#config;
    // A tool call that is not whole yet is in no chunk, and content all the same.
    const onContent = (): void => {
      win();
      request.onContent?.();
    };
    defer(() => askBackend(backend, { ...request, onContent })).subscribe(contender);
  }

  #decideFor(winner: Subscription): void {
    this.#isDecided = true;
    this.#clock.unsubscribe();
    for (const contender of this.#trying) if (contender !== winner) contender.unsubscribe();
  }

  #giveWay(loser: Subscription): void {
    loser.unsubscribe();
    this.#trying.delete(loser);
    this.beginNext();
  }

  #awaitContent(): void {
    const { after, scheduler } = this.#config;
    this.#clock.unsubscribe();
    this.#clock = timer(after, scheduler).subscribe(() => {
      this.beginNext();
    });
  }

  /** Nobody came to content. */
  #conclude(): void {
    const [first, ...others] = this.#errors;
    if (this.#empty === undefined) {
      this.#subscriber.error(others.length === 0 ? first : allFailed(this.#errors));
      return;
    }
    for (const chunk of this.#empty) this.#subscriber.next(chunk);
    this.#subscriber.complete();
  }
}

/**
 * The answer of whoever comes to content first. The next one begins after a time without content, or at once where one
 * ends without any; the others are left as soon as there is a winner.
 *
 * @internal
 */
export const raceForContent = (config: ContentRaceConfig): Observable<LLMChunk> =>
  new Observable((subscriber) => {
    new ContentRace(subscriber, config).beginNext();
  });
