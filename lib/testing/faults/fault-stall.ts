import {
  concat,
  dematerialize,
  materialize,
  NEVER,
  timer,
  type MonoTypeOperatorFunction,
  type ObservableNotification,
  type SchedulerLike,
} from 'rxjs';
import { operate } from '../../internal/operate.js';

/** Configuration of {@link stallAfter}. */
export interface StallConfig<T> {
  /** Whether it stalls before anything came. */
  readonly atOnce: boolean;
  /** Whether it stalls after this value. */
  readonly after: (value: T) => boolean;
  /** In milliseconds; for ever where it is left out. */
  readonly duration: number | undefined;
  readonly scheduler: SchedulerLike | undefined;
}

/**
 * Stalls once: values, completion and error are held back and, after `duration`, follow in their order.
 *
 * ```text
 * source                                   a-b-c-d-|
 * stallAfter({ after: b, duration: 3 })    a-b--cd-|
 * ```
 *
 * @internal
 */
export const stallAfter =
  <T>({ atOnce, after, duration, scheduler }: StallConfig<T>): MonoTypeOperatorFunction<T> =>
  (source) =>
    // The end of the source is one of the things that wait, so it must not end what is hand-written.
    concat(source.pipe(materialize<T>()), NEVER).pipe(
      operate<ObservableNotification<T>, ObservableNotification<T>>((subscriber) => {
        const held: ObservableNotification<T>[] = [];
        let phase: 'before' | 'during' | 'after' = 'before';
        const release = (): void => {
          // What comes while it is released goes to the end of the list, behind what is held.
          for (const notification of held) {
            if (subscriber.closed) break;
            subscriber.next(notification);
          }
          held.length = 0;
          phase = 'after';
        };
        const stall = (): void => {
          phase = 'during';
          if (duration !== undefined) subscriber.add(timer(duration, scheduler).subscribe(release));
        };
        if (atOnce) stall();
        return {
          next: (notification) => {
            if (phase !== 'during') {
              const isDue = phase === 'before' && notification.kind === 'N' && after(notification.value);
              // Before the value goes on: whoever takes it may cause the next one.
              if (isDue) stall();
              subscriber.next(notification);
            } else if (duration !== undefined) held.push(notification);
          },
        };
      }),
      dematerialize(),
    );
