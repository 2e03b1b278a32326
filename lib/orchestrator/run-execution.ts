import { Subscriber, type Observable, type Subscription } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import { advanceRun, createRunState, runResult, runTrajectory, type RunState } from '../domain/run-state.js';
import { draft, type EventDraft, type StreamEvent, type StreamEventData } from '../domain/stream-event.js';
import type { StopReason, TaskResult } from '../domain/task.js';
import { cumulativeReward, finalPhi, successRate, type Trajectory } from '../domain/trajectory.js';
import { describeError, errorText } from '../errors/describe-error.js';
import { EventChannel } from './event-channel.js';
import type { WhenIdle } from './pipeline.js';
import type { ResolvedTask } from './resolve-task.js';

/** What a run is made of. */
export interface RunConfig<Data extends JsonRecord> {
  readonly runId: string;
  readonly task: ResolvedTask<Data>;
  /** The loop, cold: it reads the fold of its own events, and goes on when everybody has those before. */
  readonly pipeline: (run: RunState<Data>, whenIdle: WhenIdle) => Observable<EventDraft<Data>>;
  /** Hands a finished trajectory to the experience and tells what goes wrong, now or later. */
  readonly record: (trajectory: Trajectory<Data>, onError: (error: unknown) => void) => void;
  /** Sees each event after the subscribers of the run have. */
  readonly onEvent: (event: StreamEvent<Data>) => void;
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
  #watchers = 0;
  #seq = 0;
  isDetached = false;

  constructor(config: RunConfig<Data>) {
    this.#config = config;
    this.#channel = new EventChannel(config.retainEvents, config.onEvent);
    this.#state = createRunState(config.runId, config.task.purpose);
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
        this.#channel.complete();
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
    this.#channel.complete();
  }

  #start(): void {
    if (this.#phase !== 'idle') return;
    this.#phase = 'running';
    const loop = new Subscriber<EventDraft<Data>>({
      next: (event: EventDraft<Data>) => {
        this.#emit(event);
      },
      error: (error: unknown) => {
        this.#stop('failed', { error: describeError(error) });
        this.#channel.error(error);
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
    this.#config.pipeline(this.#state, (project) => this.#channel.whenIdle(project)).subscribe(loop);
  }

  /** The loop came to its end: the experience gets the trajectory, and then everyone `task_end`. */
  #finish(): void {
    // From here on, leaving and cancelling change nothing.
    this.#phase = 'ended';
    let isOver = false;
    this.#config.record(runTrajectory(this.#state), (error) => {
      const event = draft('experience_error', 0, { error: `record failed: ${errorText(error)}` });
      if (isOver) this.#channel.tell(this.#number(event));
      else this.#emit(event);
    });
    isOver = true;
    this.#end(this.#state.ending ?? 'max_steps');
    this.#channel.complete();
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
  }

  #emit(event: EventDraft<Data>): void {
    advanceRun(this.#state, event);
    this.#channel.emit(this.#number(event));
  }

  #number({ type, step, data }: EventDraft<Data>): StreamEvent<Data> {
    const seq = this.#seq;
    this.#seq += 1;
    // A literal and not a spread: this is once a token. Type and data come from one draft, which TypeScript cannot see.
    return { type, runId: this.#config.runId, seq, step, timestamp: this.#config.now(), data } as StreamEvent<Data>;
  }
}
