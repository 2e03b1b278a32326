import { concat, defer, EMPTY, ignoreElements, Observable, of } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import type { StreamEvent } from '../domain/stream-event.js';
import type { TaskResult } from '../domain/task.js';
import { ContractError } from '../errors/contract-error.js';
import { errorText } from '../errors/describe-error.js';
import { RunExecution, type RunConfig } from './run-execution.js';

/**
 * One execution of a task, as the stream of what happens in it. Multicast: the first subscriber starts it, all share
 * it, and however many there are, the model is asked once a decision and once an evaluation.
 *
 * ```text
 * run                  -s-t-t-a-|
 * subscribed at 0      -s-t-t-a-|
 * subscribed at 4      -----t-a-|     what happens from then on
 * from(0) at 4         ----(st)t-a-|  what has happened, then what happens
 * ```
 *
 * - Subscribers of the run, of {@link from} and of {@link result$} count alike. When the last one leaves a run that is
 *   under way, it is cancelled for good: every request, tool and timer under it is torn down before `unsubscribe()`
 *   returns. {@link detached} turns that off.
 * - A subscriber that comes after the end gets the completion or the error alone.
 * - What a subscriber causes while it takes an event is delivered after that event, to everyone.
 * - A run that is stopped completes; one that fails emits its `task_end` and then errors with the typed error itself.
 *   `run.pipe(retry())` on a failed run fails for ever: to run again, `defer` a new run.
 */
export class AgentRun<Data extends JsonRecord = JsonRecord> extends Observable<StreamEvent<Data>> {
  /** Unique to this run; every event carries it. */
  readonly runId: string;

  /** Only its methods, so that a run of some data is a run of any. */
  readonly #execution: Pick<RunExecution<Data>, 'watch' | 'cancel' | 'isDetached' | 'result'>;

  /** Made when it is asked for, as it is of few runs. */
  #result$: Observable<TaskResult<Data>> | undefined;

  /** @internal Runs are made by `orchestrator.runTaskStream`. */
  constructor(config: RunConfig<Data>) {
    const execution = new RunExecution(config);
    super((subscriber) => {
      execution.watch(subscriber);
    });
    this.#execution = execution;
    this.runId = config.runId;
  }

  /**
   * What came of the run, once, when it has ended; also for who subscribes after that. Starts the run like any other
   * subscriber. Completes empty where the run was cancelled before its start; errors with the error of a failed run.
   */
  get result$(): Observable<TaskResult<Data>> {
    this.#result$ ??= concat(
      this.pipe(ignoreElements()),
      defer(() => {
        const { result } = this.#execution;
        return result === undefined ? EMPTY : of(result);
      }),
    );
    return this.#result$;
  }

  /**
   * The events from sequence number `seq` on, without gap or repeat, then the live ones: `from(0)` is the whole run,
   * whenever it is subscribed. Starts the run like any other subscriber.
   *
   * @throws ContractError where `seq` is no whole number from 0. Errors: `EventsNotHeldError` where `seq` is no longer among the newest `retainEvents`; the run goes on.
   */
  from(seq: number): Observable<StreamEvent<Data>> {
    if (!Number.isSafeInteger(seq) || seq < 0) throw new ContractError(`from(${seq}): a sequence number is a whole number from 0.`);
    return new Observable((subscriber) => {
      this.#execution.watch(subscriber, seq);
    });
  }

  /**
   * Marks the run as one that goes on with nobody watching once it has started, and returns the same run. It does not
   * start it; only {@link cancel} and its own end stop it. Where it fails unwatched, nothing is thrown.
   */
  detached(): this {
    this.#execution.isDetached = true;
    return this;
  }

  /**
   * Cancels the run for everyone: what is under way is torn down, then they get `task_end` with stopReason
   * `cancelled`, then the completion. Before the start, nothing runs and it completes without events. After
   * `task_end` it changes nothing.
   *
   * @param reason - Goes into `task_end`.
   */
  cancel(reason?: string): void {
    this.#execution.cancel(typeof reason === 'object' ? errorText(reason) : reason);
  }
}
