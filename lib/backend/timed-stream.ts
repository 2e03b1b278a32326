import { asyncScheduler, Observable, type SchedulerLike, type Subscriber, type Subscription } from 'rxjs';
import { redact } from '../errors/redact.js';
import { TimeoutError, type TimeoutClock } from '../errors/timeout-error.js';
import { createGrowingText, type GrowingText } from '../internal/growing-text.js';
import { LinkedSubscriber, type LinkHandlers } from '../internal/linked-subscriber.js';
import type { LLMBackend, LLMChunk, LLMRequest } from './backend.js';
import type { TimeoutConfig } from './timeout-config.js';

/** The clocks of an answer, and what must not be in their errors. */
export interface ClocksConfig extends TimeoutConfig {
  /** Values that must appear in no error. */
  readonly secrets?: () => readonly string[];
}

/** The clocks as a source sees them that reads many chunks at a time: it spares them a look at the time for each. */
export interface ReadingClocks {
  /** Reading begins; from now on `advance` is called, and `said` gives the text so far. */
  begin(said: () => string): void;
  /** What came at one time has been read. */
  advance(): void;
  /** Nothing more has to come, and the source knows how long to wait for what may. Content that comes all the same undoes it. */
  end(): void;
}

/** The configuration with what it left out; `Infinity` is a clock that is off. */
type Limits = Readonly<Record<TimeoutClock, number>> & { readonly scheduler: SchedulerLike; readonly secrets: () => readonly string[] };

/** When a clock runs out. */
interface Due {
  readonly clock: TimeoutClock;
  readonly at: number;
}

/** A timer that fires this much after its time, in milliseconds, fired in a process that was busy or asleep. */
const LATE = 50;

/** How long what has come meanwhile gets to be read then, in milliseconds. */
const SECOND_LOOK = 20;

const ADVICE: Readonly<Record<TimeoutClock, (ms: number) => string>> = {
  connect: (ms) => `The server did not begin to answer within ${ms} ms. Check that it runs, ask again, or raise connect.`,
  firstToken: (ms) => `Nothing of the answer came within ${ms} ms. Ask again, or raise firstToken for a model that thinks in silence.`,
  idle: (ms) => `The answer stood still for ${ms} ms. Ask again, or raise idle.`,
  total: (ms) => `The answer came to no end within ${ms} ms. Ask again, for less at a time, or raise total.`,
};

/** Looks at the clocks of one answer when its one timer fires: a chunk costs no more than a glance at the time. */
class AnswerClocks implements LinkHandlers<LLMChunk>, ReadingClocks {
  readonly #subscriber: Subscriber<LLMChunk>;
  readonly #limits: Limits;
  /** Who listens to the backend. */
  readonly source: LinkedSubscriber<LLMChunk>;
  readonly #begun: number;
  /** Since when there is something to wait for: content, or the first of it. */
  #since: number;
  #hasContent = false;
  #isOpen = false;
  #isFinished = false;
  #isEnding = false;
  /** Whether there was content since the time was last looked at. */
  #isHeard = false;
  #said: (() => string) | undefined;
  #text: GrowingText | undefined;
  #timer: Subscription | undefined;
  #firesAt = Infinity;
  #isSecondLook = false;

  constructor(subscriber: Subscriber<LLMChunk>, limits: Limits) {
    this.#subscriber = subscriber;
    this.#limits = limits;
    this.source = new LinkedSubscriber<LLMChunk>(subscriber, this);
    this.#begun = limits.scheduler.now();
    this.#since = this.#begun;
    this.#setTimer(this.#begun);
  }

  next(chunk: LLMChunk): void {
    const { type } = chunk;
    this.#isOpen = true;
    if (type === 'text' || type === 'reasoning') {
      if (chunk.text !== '') this.hear();
      if (type === 'text' && this.#said === undefined) (this.#text ??= createGrowingText()).add(chunk.text);
    } else if (type === 'restart') {
      this.#restart();
    } else if (type !== 'usage') {
      this.#isFinished = type === 'finish';
      this.hear();
    }
    this.#subscriber.next(chunk);
  }

  open(): void {
    this.#isOpen = true;
  }

  /** There was content. */
  hear(): void {
    this.#isOpen = true;
    this.#isHeard = true;
    if (this.#said === undefined) this.advance();
  }

  begin(said: () => string): void {
    this.#said = said;
  }

  advance(): void {
    if (!this.#isHeard) return;
    this.#isHeard = false;
    this.#since = this.#limits.scheduler.now();
    if (this.#hasContent && !this.#isEnding) return;
    this.#hasContent = true;
    this.#isEnding = false;
    this.#hurry();
  }

  end(): void {
    this.#isEnding = true;
  }

  #restart(): void {
    this.#text = undefined;
    this.#isFinished = false;
    this.#isEnding = false;
    this.#isHeard = false;
    this.#hasContent = false;
    this.#since = this.#limits.scheduler.now();
    this.#hurry();
  }

  /** Which clock runs out first, and when. */
  #due(): Due {
    const { connect, total } = this.#limits;
    const clock = this.#hasContent ? 'idle' : 'firstToken';
    const all: readonly Due[] = [
      { clock: 'connect', at: this.#isOpen ? Infinity : this.#begun + connect },
      { clock, at: this.#isEnding ? Infinity : this.#since + this.#limits[clock] },
      { clock: 'total', at: this.#begun + total },
    ];
    return all.reduce((first, other) => (other.at < first.at ? other : first));
  }

  /** What is waited for has changed, and may be due before the timer. */
  #hurry(): void {
    if (this.#due().at < this.#firesAt) this.#setTimer(this.#since);
  }

  #setTimer(now: number): void {
    const { at } = this.#due();
    this.#firesAt = at;
    this.#isSecondLook = false;
    if (at < Infinity) this.#lookIn(at - now);
  }

  #lookIn(wait: number): void {
    this.#timer?.unsubscribe();
    this.#timer = this.#limits.scheduler.schedule(() => {
      this.#look();
    }, wait);
    this.#subscriber.add(this.#timer);
  }

  #look(): void {
    const now = this.#limits.scheduler.now();
    const { clock, at } = this.#due();
    if (at > now) {
      this.#setTimer(now);
    } else if (now - at > LATE && !this.#isSecondLook) {
      this.#isSecondLook = true;
      this.#lookIn(SECOND_LOOK);
    } else {
      this.#giveUp(clock);
    }
  }

  #giveUp(clock: TimeoutClock): void {
    const subscriber = this.#subscriber;
    // Nobody who hears of the end finds the request still open.
    this.source.unsubscribe();
    // What finished is whole: it is only its end that nobody told.
    if (this.#isFinished) subscriber.complete();
    else subscriber.error(this.#timeout(clock));
  }

  #timeout(clock: TimeoutClock): TimeoutError {
    const secrets = this.#limits.secrets();
    const partial = redact(this.#said?.() ?? this.#text?.whole() ?? '', secrets);
    const limit = this.#limits[clock];
    const come = partial === '' ? '' : ` ${partial.length} characters of text had come.`;
    return new TimeoutError(`${ADVICE[clock](limit)}${come}`, { clock, limit, partial, secrets });
  }
}

const OFF = Infinity;

const toLimits = ({ connect = 60_000, firstToken = 120_000, idle = 60_000, total = 600_000, ...others }: ClocksConfig): Limits => ({
  connect: connect ?? OFF,
  firstToken: firstToken ?? OFF,
  idle: idle ?? OFF,
  total: total ?? OFF,
  scheduler: others.scheduler ?? asyncScheduler,
  secrets: others.secrets ?? (() => []),
});

/** The request with clocks that hear what its server says beside the chunks. */
const overheard = (request: LLMRequest, clocks: AnswerClocks): LLMRequest => ({
  ...request,
  onOpen: () => {
    clocks.open();
    request.onOpen?.();
  },
  onContent: () => {
    clocks.hear();
    request.onContent?.();
  },
});

type Ask = (request: LLMRequest, clocks: ReadingClocks) => Observable<LLMChunk>;

/**
 * The same answers, each with its clocks: see `withTimeout`.
 *
 * @internal
 */
export function timedStream(ask: Ask, config: ClocksConfig): LLMBackend['stream'] {
  const limits = toLimits(config);
  return (request) =>
    new Observable((subscriber) => {
      const clocks = new AnswerClocks(subscriber, limits);
      if (!subscriber.closed) ask(overheard(request, clocks), clocks).subscribe(clocks.source);
    });
}
