import type { MonoTypeOperatorFunction } from 'rxjs';
import { isLeft } from '../domain/either.js';
import { mayEnd, readInOrder, startOfOrder } from '../domain/event-order.js';
import type { JsonRecord } from '../domain/json.js';
import type { StreamEvent } from '../domain/stream-event.js';
import { EventOrderError } from '../errors/event-order-error.js';
import { operate } from '../internal/operate.js';

/**
 * Passes the events of one run through and errors at the first that is out of order: type, `seq`, `step` and `runId`
 * are checked, and that the run has its end.
 *
 * ```text
 * run   := task_start step* experience_error? task_end
 * step  := step_start experience_error? token* action done
 *        | step_start experience_error? token* action work* error? token* score step_end (early_stop | terminal)?
 * ```
 *
 * ```text
 * source          -s-e-S-|     s: task_start, e: task_end, S: step_start
 * verifyOrder()   -s-e-#
 * ```
 *
 * `usage` stands where a `token` may; types that the engine does not know pass between `task_start` and `task_end`; a
 * run that failed or was cancelled may be cut short anywhere; no event at all is a run cancelled before its start.
 *
 * State is per subscription and of constant size. Errors: `EventOrderError`; those of the source pass through.
 * Unsubscribing unsubscribes from the source. For a whole run: subscribe it before the run starts, or on
 * `run.from(0)`.
 *
 * ```ts
 * run.pipe(verifyOrder());
 * ```
 */
export function verifyOrder<Data extends JsonRecord = JsonRecord>(): MonoTypeOperatorFunction<StreamEvent<Data>> {
  return operate<StreamEvent<Data>, StreamEvent<Data>>((subscriber) => {
    let order = startOfOrder;
    return {
      next: (event) => {
        const read = readInOrder(order, event);
        if (isLeft(read)) throw new EventOrderError(read.left);
        order = read.right;
        subscriber.next(event);
      },
      complete: () => {
        if (!mayEnd(order)) throw new EventOrderError(`The run ended after event ${order.seq} without a task_end.`);
      },
    };
  });
}
