import { Subscription, type Observable } from 'rxjs';
import { ScriptError } from '../../errors/script-error.js';
import { readMarbles } from '../../internal/script-marbles.js';
import type { Session } from './session.js';

/** Something that a stream did. */
export type Notice<T> = { readonly frame: number } & (
  | { readonly kind: 'N'; readonly value: T }
  | { readonly kind: 'E'; readonly error: unknown }
  | { readonly kind: 'C' }
);

/** From when until when something is subscribed. */
export interface Span {
  readonly from: number;
  /** Infinity where it is never left. */
  readonly to: number;
}

/**
 * Reads when to subscribe and when to leave: `'--^---!'`. Nothing drawn is from the beginning and for ever.
 *
 * @internal
 * @throws `ScriptError` where something else is drawn.
 */
export function parseSpan(marbles = ''): Span {
  const read = readMarbles(marbles);
  if (!/^\^?!?$/.test(read.map(({ character }) => character).join('')))
    throw new ScriptError(`'${marbles}' is no subscription: it has a '^' where it is subscribed and a '!' where it is left.`);
  const frameOf = (wanted: string): number | undefined => read.find(({ character }) => character === wanted)?.at;
  return { from: frameOf('^') ?? 0, to: frameOf('!') ?? Infinity };
}

/**
 * Subscribes a stream in its span and keeps what it does. The list grows while virtual time passes.
 *
 * @internal
 */
export function recordNotices<T>(session: Session, source: Observable<T>, { from, to }: Span): readonly Notice<T>[] {
  const { scheduler } = session;
  const notices: Notice<T>[] = [];
  const now = (): number => scheduler.now();
  const subscription = new Subscription();
  session.release(() => {
    subscription.unsubscribe();
  });
  scheduler.asTest(() => {
    scheduler.schedule(() => {
      subscription.add(
        source.subscribe({
          next: (value) => notices.push({ frame: now(), kind: 'N', value }),
          error: (error: unknown) => notices.push({ frame: now(), kind: 'E', error }),
          complete: () => notices.push({ frame: now(), kind: 'C' }),
        }),
      );
    }, from);
    // At once, as RxJS does it: what is left in a frame does not see what comes in that frame.
    if (to !== Infinity)
      scheduler.schedule(() => {
        subscription.unsubscribe();
      }, to);
  });
  return notices;
}
