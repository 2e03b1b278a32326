import { Observable, Subscriber } from 'rxjs';

/**
 * What a stream says while it is subscribed and afterwards, as a list that grows: its values, then `|` or `# message`.
 *
 * @param leaveAfter - Leaves inside the value of this number, from 1. Defaults to never.
 */
export const hearNow = <T>(source: Observable<T>, leaveAfter = Infinity): unknown[] => {
  const heard: unknown[] = [];
  // Made before it subscribes, so that it can be left while the source is still inside its own subscribe.
  const subscriber = new Subscriber<T>({
    next: (value) => {
      heard.push(value);
      if (heard.length >= leaveAfter) subscriber.unsubscribe();
    },
    error: (error: unknown) => {
      heard.push(`# ${error instanceof Error ? error.message : String(error)}`);
    },
    complete: () => {
      heard.push('|');
    },
  });
  source.subscribe(subscriber);
  return heard;
};

/** A stream that emits 1, 2, 3 … synchronously until it is left, and the number that it came to. Beyond 1000 it throws. */
export const firehose = (): { readonly source: Observable<number>; readonly emitted: () => number } => {
  let emitted = 0;
  return {
    source: new Observable<number>((subscriber) => {
      while (!subscriber.closed) {
        emitted += 1;
        if (emitted > 1000) throw new Error('goes on for ever');
        subscriber.next(emitted);
      }
    }),
    emitted: () => emitted,
  };
};

/** A stream that says what a test lets it say, later than its subscribe, and whether it is being listened to. */
export const spoken = <T>(): { readonly source: Observable<T>; readonly speaker: () => Subscriber<T>; readonly isHeld: () => boolean } => {
  let speaker: Subscriber<T> | undefined;
  let isHeld = false;
  return {
    source: new Observable<T>((subscriber) => {
      speaker = subscriber;
      isHeld = true;
      return () => {
        isHeld = false;
      };
    }),
    speaker: () => {
      if (speaker === undefined) throw new Error('Nobody listens.');
      return speaker;
    },
    isHeld: () => isHeld,
  };
};
