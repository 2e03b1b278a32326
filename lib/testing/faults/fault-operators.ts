import {
  concat,
  concatMap,
  defer,
  dematerialize,
  EMPTY,
  from,
  map,
  materialize,
  of,
  take,
  takeWhile,
  throwError,
  timer,
  type MonoTypeOperatorFunction,
  type ObservableNotification,
  type SchedulerLike,
} from 'rxjs';
import type { LLMChunk } from '../../backend/backend.js';
import { NetworkError } from '../../errors/network-error.js';
import { RateLimitError } from '../../errors/rate-limit-error.js';
import type { DripFault, DuplicateFault, ErrorFault, Fault, MalformedFault, RateLimitFault, RestartFault } from './fault.js';
import { stallAfter } from './fault-stall.js';

/** A piece of an answer, and which of its tokens ends with it. No number comes twice, whatever the faults repeat. */
export interface Piece {
  readonly chunk: LLMChunk;
  /** From 1; 0 where no token ends here. */
  readonly token: number;
}

type Injection = MonoTypeOperatorFunction<Piece>;

const RESTART: Piece = { chunk: { type: 'restart' }, token: 0 };

/** JSON allows this control character nowhere, in a text or out of it. */
const BREAKS_JSON = '<\u0000>';

const unnumbered = ({ chunk }: Piece): Piece => ({ chunk, token: 0 });

const fail = ({ at = 0, error }: ErrorFault): Injection => {
  const where = at === 0 ? 'before the answer' : `after token ${at}`;
  const failure$ = throwError(() => error ?? new NetworkError(`The connection broke ${where}: a fault that was injected.`));
  if (at === 0) return () => failure$;
  return concatMap((piece) => (piece.token === at ? concat(of(piece), failure$) : of(piece)));
};

const refuse =
  ({ retryAfter = null }: RateLimitFault): Injection =>
  () =>
    throwError(() => {
      const wait = retryAfter === null ? 'without saying for how long' : `for ${retryAfter} ms`;
      return new RateLimitError(`Too many requests, wait ${wait}: a fault that was injected.`, { retryAfter });
    });

const cut = (at: number): Injection => (at === 0 ? () => EMPTY : takeWhile(({ token }) => token !== at, true));

const repeatToken = ({ at }: DuplicateFault): Injection =>
  concatMap((piece) => (piece.token === at ? of(unnumbered(piece), piece) : of(piece)));

const spoil = ({ at, text = BREAKS_JSON }: MalformedFault): Injection =>
  map((piece) => (piece.token === at && 'text' in piece.chunk ? { ...piece, chunk: { ...piece.chunk, text } } : piece));

const restart =
  ({ at = 0 }: RestartFault): Injection =>
  (source) =>
    defer(() => {
      if (at === 0) return concat(of(RESTART), source);
      let said: Piece[] = [];
      let isDue = true;
      const note = (piece: Piece): void => {
        // What was void already is not said again, and what a request cost is never void.
        if (piece.chunk.type === 'restart') said = [];
        else if (piece.chunk.type !== 'usage') said.push(unnumbered(piece));
      };
      return source.pipe(
        concatMap((piece) => {
          if (!isDue) return of(piece);
          note(piece);
          if (piece.token !== at) return of(piece);
          isDue = false;
          return from([piece, RESTART, ...said.splice(0)]);
        }),
      );
    });

/** A character at a time; the last one carries the number. An empty text waits as one character does. */
const spell = ({ chunk, token }: Piece, interval: number, scheduler: SchedulerLike | undefined) => {
  const text = 'text' in chunk ? chunk.text : undefined;
  if (text === undefined) return of({ chunk, token });
  const characters = text === '' ? [''] : Array.from(text);
  const last = characters.length - 1;
  return timer(interval, interval, scheduler).pipe(
    take(characters.length),
    map((index): Piece => ({ chunk: { ...chunk, text: characters[index] ?? '' } as LLMChunk, token: index === last ? token : 0 })),
  );
};

const drip =
  ({ at = 0, interval }: DripFault, scheduler: SchedulerLike | undefined): Injection =>
  (source) =>
    defer(() => {
      let isSlow = at === 0;
      const slowDown = (piece: Piece) => {
        if (isSlow) return spell(piece, interval, scheduler);
        isSlow = piece.token === at;
        return of(piece);
      };
      // An error waits for the text before it as the completion does.
      return source.pipe(
        materialize(),
        concatMap((notification: ObservableNotification<Piece>) =>
          notification.kind === 'N'
            ? slowDown(notification.value).pipe(map((value): ObservableNotification<Piece> => ({ kind: 'N', value })))
            : of(notification),
        ),
        dematerialize(),
      );
    });

/**
 * What a fault does to an answer.
 *
 * @internal
 */
export const injectionOf = (fault: Fault, scheduler: SchedulerLike | undefined): Injection => {
  switch (fault.fault) {
    case 'stall': {
      const { at = 0, duration } = fault;
      return stallAfter({ atOnce: at === 0, after: ({ token }) => at > 0 && token === at, duration, scheduler });
    }
    case 'error':
      return fail(fault);
    case 'truncate':
      return cut(fault.at ?? 0);
    case 'duplicate':
      return repeatToken(fault);
    case 'malformed':
      return spoil(fault);
    case 'rateLimit':
      return refuse(fault);
    case 'drip':
      return drip(fault, scheduler);
    default:
      return restart(fault);
  }
};
