import { Observable, type SchedulerLike, type Subscriber } from 'rxjs';
import { isLeft } from '../domain/either.js';
import type { Signal } from '../domain/signal.js';
import { errorText } from '../errors/describe-error.js';
import { LinkedSubscriber } from '../internal/linked-subscriber.js';
import { cappedJson, cappedText } from './capped-json.js';
import { holdOutput, type Delivery, type HeldOutput } from './held-output.js';
import { isToolProgress } from './tool.js';
import { toolDelivered, toolEnded, toolProgressed, type Called, type ToolOutcome, type ToolSignal } from './tool-signal.js';

/** A call at work. */
export interface AttendToolConfig {
  readonly called: Called;
  /** Begins the work and gives what a tool may give. */
  readonly work: () => unknown;
  /** Aborts the signal that the work was given. */
  readonly abort: (reason?: Error) => void;
  /** Milliseconds; `null`: no limit. */
  readonly timeout: number | null;
  /** How long work that was told to stop may take to do so, in milliseconds. */
  readonly settleWithin: number;
  /** UTF-16 code units of JSON. */
  readonly maxOutput: number;
  readonly scheduler: SchedulerLike;
  /** Takes what is delivered after the end. */
  readonly tell: ((signal: Signal) => void) | undefined;
}

/**
 * The work of one call: its progress, then `tool_end`. Cold, and never errors: whatever goes wrong is an end that is not
 * ok. Unsubscribing stops the work and aborts its signal.
 *
 * ```text
 * work                         -p-v|
 * attendTool                   -p-(e|)      e: ok
 * an Observable that hangs     -p-----…
 * attendTool, timeout 4        -p--(t|)     t: settlement timeout
 * a Promise that hangs         ------v      v: told as tool_late_result
 * … and settleWithin 1         -----(u|)    u: settlement unsettled
 * ```
 *
 * @internal
 */
export const attendTool = (config: AttendToolConfig): Observable<ToolSignal> =>
  new Observable((subscriber) => {
    new Attendance(config, subscriber).begin();
  });

const isAbortError = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';

class Attendance {
  readonly #config: AttendToolConfig;
  readonly #subscriber: Subscriber<ToolSignal>;
  #source: LinkedSubscriber<unknown> | undefined;
  /** `stopping`: its time is up, and it may still settle. `over`: its end is told, or nobody waits for it. */
  #phase: 'running' | 'stopping' | 'over' = 'running';
  #held: HeldOutput | undefined;
  #result: unknown = null;
  #timeoutError: Error | undefined;
  #isUnsettled = false;
  /** What was delivered while it was stopping: to be told after its end. */
  readonly #late: Delivery[] = [];

  constructor(config: AttendToolConfig, subscriber: Subscriber<ToolSignal>) {
    this.#config = config;
    this.#subscriber = subscriber;
  }

  begin(): void {
    this.#subscriber.add(() => {
      this.#leave();
    });
    let given: unknown;
    try {
      given = this.#config.work();
      this.#held = holdOutput(given);
    } catch (error) {
      if (this.#phase === 'running') this.#fail(error);
      else this.#deliver({ ok: false, error });
      return;
    }
    // Left from inside the work itself.
    if (this.#phase !== 'running') this.#listen();
    else if (this.#held === undefined) this.#give(given);
    else this.#attend(this.#held);
  }

  /** What is a value needs no subscription. */
  #give(value: unknown): void {
    this.#take(value);
    if (this.#phase === 'running') this.#succeed();
  }

  #attend({ output$ }: HeldOutput): void {
    const { timeout, scheduler } = this.#config;
    this.#source = new LinkedSubscriber<unknown>(this.#subscriber, {
      next: (value) => {
        this.#take(value);
      },
      error: (error) => {
        this.#fail(error);
      },
      complete: () => {
        this.#succeed();
      },
    });
    output$.subscribe(this.#source);
    if (this.#phase !== 'running' || timeout === null) return;
    this.#subscriber.add(
      scheduler.schedule(() => {
        this.#expire(timeout);
      }, timeout),
    );
  }

  #take(value: unknown): void {
    if (!isToolProgress(value)) {
      this.#result = value;
      return;
    }
    const json = cappedJson(value.value, this.#config.maxOutput);
    if (isLeft(json)) this.#refuse(`the progress of the tool is not JSON: ${json.left}`);
    else this.#subscriber.next(toolProgressed(this.#config.called, json.right));
  }

  #succeed(): void {
    this.#phase = 'over';
    this.#end(this.#outcomeOf(this.#result));
  }

  #fail(error: unknown): void {
    this.#phase = 'over';
    this.#end(this.#failure(error));
  }

  /** Ends work that would go on. */
  #refuse(error: string): void {
    this.#phase = 'over';
    this.#stop();
    this.#end(this.#failure(error));
  }

  /** Nobody waits for it any more. */
  #leave(): void {
    if (this.#phase === 'running') {
      this.#phase = 'over';
      this.#stop();
    } else if (this.#phase === 'stopping') {
      this.#phase = 'over';
      this.#tellLate();
    }
  }

  #expire(timeout: number): void {
    const { settleWithin, scheduler } = this.#config;
    const text = `timed out after ${timeout} ms`;
    this.#phase = 'stopping';
    this.#timeoutError = new DOMException(text, 'TimeoutError');
    this.#subscriber.add(
      scheduler.schedule(() => {
        this.#isUnsettled = true;
        this.#giveUp({ error: `${text} and did not stop within ${settleWithin} ms: it may still be at work`, settlement: 'unsettled' });
      }, settleWithin),
    );
    this.#stop(() => {
      this.#giveUp({ error: text, settlement: 'timeout' });
    });
  }

  #giveUp(how: { readonly error: string; readonly settlement: 'timeout' | 'unsettled' }): void {
    if (this.#phase !== 'stopping') return;
    this.#phase = 'over';
    this.#end({ ok: false, ...how });
    this.#tellLate();
  }

  /** Lets go of the work, aborts its signal, and hears of what comes of it all the same. */
  #stop(whenSettled?: () => void): void {
    this.#source?.unsubscribe();
    this.#config.abort(this.#timeoutError);
    this.#listen(whenSettled);
  }

  #listen(whenSettled?: () => void): void {
    const aftermath$ = this.#held?.aftermath$;
    if (aftermath$ === undefined) whenSettled?.();
    else {
      // Outlives the call on purpose: what cannot be stopped is heard to its end.
      aftermath$.subscribe({
        next: (delivery) => {
          this.#deliver(delivery);
        },
        ...(whenSettled === undefined ? {} : { complete: whenSettled }),
      });
    }
  }

  #deliver(delivery: Delivery): void {
    this.#late.push(delivery);
    if (this.#phase === 'over') this.#tellLate();
  }

  #tellLate(): void {
    const { called, tell } = this.#config;
    for (const delivery of this.#late.splice(0)) {
      if (!this.#obeys(delivery))
        tell?.(toolDelivered(called, delivery.ok ? this.#outcomeOf(delivery.value) : this.#failure(delivery.error)));
    }
  }

  /** Whether a delivery is no more than the answer to the signal. Of what did not answer in time, everything is news. */
  #obeys(delivery: Delivery): boolean {
    if (this.#isUnsettled) return false;
    if (delivery.ok) return delivery.isEnd === true;
    return isAbortError(delivery.error) || (this.#timeoutError !== undefined && delivery.error === this.#timeoutError);
  }

  #outcomeOf(value: unknown): ToolOutcome {
    const json = cappedJson(value, this.#config.maxOutput);
    return isLeft(json) ? this.#failure(`the result of the tool is not JSON: ${json.left}`) : { ok: true, output: json.right };
  }

  #failure(error: unknown): ToolOutcome {
    return { ok: false, error: cappedText(errorText(error), this.#config.maxOutput) };
  }

  #end(outcome: ToolOutcome): void {
    this.#subscriber.next(toolEnded(this.#config.called, outcome));
    this.#subscriber.complete();
  }
}
