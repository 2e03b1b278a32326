import { Subscriber, type Observable, type Subscription } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import { advanceRun, createRunState, runResult, runTrajectory, type RunState } from '../domain/run-state.js';
import { draft, type EventDraft, type PlainEventDraft, type StreamEvent, type StreamEventData } from '../domain/stream-event.js';
import { isCutShort, type StopReason, type TaskResult } from '../domain/task.js';
import { cumulativeReward, finalPhi, successRate, type Trajectory } from '../domain/trajectory.js';
import { describeError, errorText } from '../errors/describe-error.js';
import { EventChannel } from './event-channel.js';
import { andWhenKept, type Journal, type RunJournal } from './journal.js';
import type { ResolvedTask } from './resolve-task.js';
import type { Halt, RunControl } from './run-control.js';

/** What a run is made of. */
export interface RunConfig<Data extends JsonRecord> {
  readonly runId: string;
  readonly task: ResolvedTask<Data>;
  /** The loop, cold: it reads the fold of its own events, and goes on when everybody has those before. */
  readonly pipeline: (run: RunState<Data>, control: RunControl) => Observable<EventDraft<Data> | Halt>;
  /** Hands a finished trajectory to the experience and tells what goes wrong, now or later. */
  readonly record: (trajectory: Trajectory<Data>, onError: (error: unknown) => void) => void;
  /** Sees each event after the subscribers of the run have. */
  readonly onEvent: (event: StreamEvent<Data>) => void;
  /** `undefined`: what is told is kept nowhere. */
  readonly journal: Journal | undefined;
  readonly now: () => number;
  readonly retainEvents: number;
}

/** How a run ended, beside its stop reason. */
type EndDetails = Pick<StreamEventData<'task_end'>, 'reason' | 'error'>;

/** The one execution of a run: who watches it, when it starts, and how it ends. */
export class RunExecution<Data extends JsonRecord> {
  readonly #config: RunConfig<Data>;
  readonly #channel: EventChannel<Data>;
  readonly #state: RunState<Data>;
  #loop: Subscription | undefined;
  #phase: 'idle' | 'running' | 'ended' = 'idle';
  #journal: RunJournal | undefined;
  #isKeeping = false;
  #halted: Halt | undefined;
  #isOver = false;
  #watchers = 0;
  #seq = 0;
  isDetached = false;

  constructor(config: RunConfig<Data>) {
    this.#config = config;
    this.#channel = new EventChannel(config.retainEvents, config.onEvent);
    const { resumption, purpose } = config.task;
    this.#state = resumption?.run ?? createRunState(config.runId, purpose);
    if (resumption === undefined) return;
    this.#seq = resumption.events.length;
    this.#channel.hold(resumption.events);
    // It had come to its end: there is nothing to do but to say so.
    if (resumption.stage === 'over') this.cancel();
  }

  /** What came of it; `undefined` while it runs, and where it never did. */
  get result(): TaskResult<Data> | undefined {
    return runResult(this.#state);
  }

  /** Counts a subscriber, connects it, and starts the run if it is the first. */
  watch(subscriber: Subscriber<StreamEvent<Data>>, from?: number): void {
    this.#watchers += 1;
    subscriber.add(() => {
      this.#watchers -= 1;
      if (this.#watchers === 0 && !this.isDetached && this.#phase === 'running') {
        this.#stop('cancelled', { reason: 'The last subscriber left.' });
        this.#complete();
      }
    });
    // By an observer of its own, so that an error in the teardown of one subscriber is reported and reaches no other.
    subscriber.add(
      (from === undefined ? this.#channel.live$ : this.#channel.from(from)).subscribe({
        next: (event) => {
          subscriber.next(event);
        },
        error: (error: unknown) => {
          subscriber.error(error);
        },
        complete: () => {
          subscriber.complete();
        },
      }),
    );
    if (!subscriber.closed) this.#start();
  }

  /** Ends it for everyone; before the start it will never start. */
  cancel(reason?: string): void {
    if (this.#phase === 'ended') return;
    if (this.#phase === 'running') this.#stop('cancelled', reason === undefined ? {} : { reason });
    this.#phase = 'ended';
    this.#complete();
  }

  #start(): void {
    if (this.#phase !== 'idle') return;
    this.#phase = 'running';
    const loop = new Subscriber<EventDraft<Data> | Halt>({
      next: (event: EventDraft<Data> | Halt) => {
        if (event.type === 'halt') this.#halted = event;
        else this.#emit(event);
      },
      error: (error: unknown) => {
        this.#fail(error);
      },
      complete: () => {
        // After what is being delivered: whoever stops the run while it takes its last event is in time.
        this.#channel.inTurn(() => {
          if (this.#phase === 'running') this.#finish();
        });
      },
    });
    // Known before it is subscribed: a run may be stopped while it is still inside its own synchronous subscribe.
    this.#loop = loop;
    const journal = this.#config.journal?.open((error) => {
      if (!this.#isKeeping) this.#failInTurn(error);
    });
    this.#journal = journal;
    const control: RunControl = {
      runId: this.#config.runId,
      whenIdle: (project) => this.#channel.whenIdle(journal === undefined ? project : () => andWhenKept(journal, project)),
      ...(journal && { whenKept: () => journal.whenKept() }),
      tell: (event) => {
        this.#tell(event);
      },
    };
    this.#config.pipeline(this.#state, control).subscribe(loop);
  }

  /** The loop came to its end. Where nothing was cut short the experience gets the trajectory; then everyone `task_end`. */
  #finish(): void {
    const { stopReason, ...details } = this.#endOfLoop();
    if (isCutShort(stopReason)) this.#stop(stopReason, details);
    else {
      // From here on, leaving and cancelling change nothing.
      this.#phase = 'ended';
      this.#record();
      this.#end(stopReason, details);
    }
    this.#complete();
  }

  #record(): void {
    // It was handed over before the run broke off, and that it failed has been told: there is room for that once.
    if (this.#config.task.resumption?.stage === 'closing') return;
    this.#config.record(runTrajectory(this.#state), (error) => {
      this.#tell(draft('experience_error', 0, { error: `record failed: ${errorText(error)}` }));
    });
  }

  #endOfLoop(): { readonly stopReason: StopReason; readonly reason?: string } {
    if (this.#halted === undefined) return { stopReason: this.#state.ending ?? 'max_steps' };
    const { stopReason, reason } = this.#halted;
    return { stopReason, reason };
  }

  #failInTurn(error: unknown): void {
    this.#channel.inTurn(() => {
      if (this.#phase === 'running') this.#fail(error);
    });
  }

  #fail(error: unknown): void {
    this.#stop('failed', { error: describeError(error) });
    this.#channel.error(error);
  }

  /** Completes for everybody, when everything that was told is kept. */
  #complete(): void {
    if (this.#journal === undefined) this.#channel.complete();
    else
      this.#journal.whenKept().subscribe({
        error: (error: unknown) => {
          this.#channel.error(error);
        },
        complete: () => {
          this.#channel.complete();
        },
      });
  }

  /** Tears down whatever is under way, and only then tells. */
  #stop(stopReason: StopReason, details: EndDetails): void {
    this.#phase = 'ended';
    this.#loop?.unsubscribe();
    if (this.#seq === 0) {
      const { purpose, maxSteps, earlyStopPhi } = this.#config.task;
      this.#emit(draft('task_start', 0, { purpose, maxSteps, earlyStopPhi, initialState: null }));
    }
    this.#end(stopReason, details);
  }

  #end(stopReason: StopReason, details: EndDetails = {}): void {
    const { steps } = this.#state;
    const totals = { cumulativeReward: cumulativeReward(steps), successRate: successRate(steps), finalPhi: finalPhi(steps) };
    this.#emit(draft('task_end', 0, { totalSteps: steps.length, ...totals, stopReason, ...details }));
    this.#isOver = true;
  }

  /** What happens beside the loop: after the end it is for `onEvent` alone. */
  #tell(event: PlainEventDraft): void {
    if (this.#isOver) this.#channel.tell(this.#number(event));
    else this.#emit(event);
  }

  #emit(event: EventDraft<Data>): void {
    advanceRun(this.#state, event);
    const numbered = this.#number(event);
    if (this.#journal === undefined) this.#channel.emit(numbered);
    else this.#keepAndEmit(this.#journal, numbered);
  }

  /** An event is given to the store before anybody hears of it; where that fails, they do all the same, and then of the end. */
  #keepAndEmit(journal: RunJournal, event: StreamEvent<Data>): void {
    this.#channel.emit(event, () => {
      this.#isKeeping = true;
      journal.append(event);
      this.#isKeeping = false;
    });
    if (journal.failure !== undefined) this.#failInTurn(journal.failure);
  }

  #number({ type, step, data }: EventDraft<Data>): StreamEvent<Data> {
    const seq = this.#seq;
    this.#seq += 1;
    // A literal and not a spread: this is once a token. Type and data come from one draft, which TypeScript cannot see.
    return { type, runId: this.#config.runId, seq, step, timestamp: this.#config.now(), data } as StreamEvent<Data>;
  }
}
