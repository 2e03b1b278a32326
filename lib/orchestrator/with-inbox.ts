import { defer, Observable, type ObservableInput } from 'rxjs';
import { emitThen } from '../internal/emit-then.js';
import { LinkedSubscriber } from '../internal/linked-subscriber.js';
import { Inbox, type InboxConfig } from './inbox.js';

/** Configuration of {@link withInbox}. */
export interface WithInboxConfig extends Pick<InboxConfig, 'run' | 'control'> {
  /** `undefined`: nobody says anything. */
  readonly input$: ObservableInput<unknown> | undefined;
}

/**
 * Gives a loop an inbox that hears as long as the loop goes on. Whatever ends the loop, it has been let go of when what
 * never took effect is told, and the end comes after that. Where there is nothing to hear, the loop is left as it is.
 *
 * @internal
 */
export const withInbox = <T>(
  { input$, run, control }: WithInboxConfig,
  loop: (inbox: Inbox | undefined) => Observable<T>,
): Observable<T> => {
  // What waited when a run broke off takes effect when it is resumed, whether or not there is more to come.
  if (input$ === undefined && run.inputs.size === 0) return loop(undefined);
  return new Observable((subscriber) => {
    const inbox = new Inbox({ input$: input$ ?? [], run, control, subscriber });
    const looping = new LinkedSubscriber<T>(subscriber, {
      next: (value) => {
        subscriber.next(value);
      },
      complete: () => {
        inbox.close();
        subscriber.complete();
      },
    });
    // After the loop has been let go, even where that is still inside its own synchronous subscribe.
    subscriber.add(() => {
      inbox.close();
    });
    loop(inbox).subscribe(looping);
  });
};

/**
 * Tells of the start of a run and goes on. Inputs are heard from before the start is told, so that what somebody says while
 * they take that event is not lost, and told after it.
 *
 * @internal
 */
export const startHearing = <T, R>(inbox: Inbox | undefined, start: T, project: () => Observable<R>): Observable<T | R> => {
  if (inbox === undefined) return emitThen(start, project);
  return defer(() => {
    inbox.listen();
    return emitThen(start, () => {
      inbox.open();
      return project();
    });
  });
};
