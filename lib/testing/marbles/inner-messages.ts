import { isObservable, map, materialize, type Observable } from 'rxjs';
import type { Session } from './session.js';

/** What an inner Observable does, as `TestScheduler` writes it down. */
interface Message {
  readonly frame: number;
  readonly kind: string;
  readonly value: unknown;
  readonly error: unknown;
}

/** A cold Observable of the test, as it was drawn. */
interface Drawn {
  readonly messages: readonly { readonly frame: number; readonly notification: Omit<Message, 'frame'> }[];
}

const isDrawn = (value: unknown): value is Drawn => isObservable(value) && 'messages' in value && Array.isArray(value.messages);

const messageOf = (frame: number, { kind, value, error }: Partial<Omit<Message, 'frame'>>): Message => ({
  frame,
  kind: String(kind),
  value,
  error,
});

/**
 * Puts what inner Observables do in the place of them, as `TestScheduler` does: they are subscribed as they come.
 *
 * @internal
 */
export const withInnerMessages = ({ scheduler }: Session, source: Observable<unknown>): Observable<unknown> =>
  source.pipe(
    map((value) => {
      if (!isObservable(value)) return value;
      const from = scheduler.now();
      const messages: Message[] = [];
      value
        .pipe(materialize())
        .subscribe((notification) => messages.push(messageOf(scheduler.now() - from, Object.assign({}, notification))));
      return messages;
    }),
  );

/**
 * The same for what letters stand for.
 *
 * @internal
 */
export const drawnInnerMessages = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(values).map(([letter, value]) => [
      letter,
      isDrawn(value) ? value.messages.map(({ frame, notification }) => messageOf(frame, notification)) : value,
    ]),
  );
