import { EMPTY, Observable } from 'rxjs';
import { isDone } from '../domain/action.js';
import { draft, type PlainEventDraft } from '../domain/stream-event.js';
import type { UserInput } from '../domain/user-input.js';
import { LinkedSubscriber } from '../internal/linked-subscriber.js';
import type { Inbox } from './inbox.js';
import type { RunControl } from './run-control.js';

/** Configuration of {@link decideWithInput}. */
export interface DecideWithInputConfig {
  readonly inbox: Inbox;
  readonly control: RunControl;
  readonly step: number;
  /** The number of the first attempt. Defaults to 1. */
  readonly attempt?: number | undefined;
}

const steering: readonly UserInput['mode'][] = ['steer', 'interrupt'];
const all: readonly UserInput['mode'][] = ['queue', 'steer', 'interrupt'];

/**
 * Decides with an ear for the users: what steers takes effect before the decision is asked for, an interrupt drops the one
 * under way, and where the actor is DONE while something waits, that takes effect and the decision is dropped. Each that is
 * dropped is followed by another attempt in the same step, of a number above those that have been told.
 *
 * ```text
 * input$           --i--q            i: interrupt, q: queue
 * decide           t-!  --d  a       d: DONE, a: an action
 * decideWithInput  t-(DA)-(DA)a      D: attempt_dropped, A: attempt_start
 * ```
 *
 * A loop and not recursion. Errors are those of the decisions; unsubscribing lets go of the one under way.
 *
 * @param decide - Asks for a decision, by the number of the attempt.
 * @internal
 */
export const decideWithInput = (
  { inbox, control, step, attempt: first = 1 }: DecideWithInputConfig,
  decide: (attempt: number) => Observable<PlainEventDraft>,
): Observable<PlainEventDraft> =>
  new Observable((subscriber) => {
    let attempt = first;
    let heeded = steering;
    /** The one that has been asked for and has not been dropped. */
    let deciding: LinkedSubscriber<PlainEventDraft> | undefined;
    let isDue = false;
    let isLooping = false;

    const ask = (asked: LinkedSubscriber<PlainEventDraft>): Observable<PlainEventDraft> => {
      inbox.apply(heeded);
      // Somebody may have stopped the run while they heard of it.
      if (subscriber.closed) return EMPTY;
      deciding = asked;
      return decide(attempt);
    };
    const proceed = (): void => {
      isDue = true;
      if (isLooping) return;
      isLooping = true;
      while (isDue && !subscriber.closed) {
        isDue = false;
        const asked = new LinkedSubscriber<PlainEventDraft>(subscriber, { next: take });
        control.whenIdle(() => ask(asked)).subscribe(asked);
      }
      isLooping = false;
    };
    const decideAnew = (reason: string, heeding: readonly UserInput['mode'][]): void => {
      deciding?.unsubscribe();
      deciding = undefined;
      heeded = heeding;
      inbox.tell(draft('attempt_dropped', step, { source: 'actor', attempt, reason }));
      attempt += 1;
      inbox.tell(draft('attempt_start', step, { source: 'actor', attempt }));
      proceed();
    };
    const take = (event: PlainEventDraft): void => {
      if (event.type === 'action' && isDone(event.data) && inbox.waiting > 0) {
        decideAnew('it would be DONE, and a user has said more', all);
        return;
      }
      if (event.type === 'token' || event.type === 'attempt_start') attempt = Math.max(attempt, event.data.attempt);
      subscriber.next(event);
    };

    inbox.interrupt$.subscribe(
      new LinkedSubscriber(subscriber, {
        next: () => {
          // What comes before it is asked for takes effect then.
          if (deciding !== undefined) decideAnew('interrupted by a user', steering);
        },
        complete: () => undefined,
      }),
    );
    proceed();
  });
