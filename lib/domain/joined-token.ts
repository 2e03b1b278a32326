import type { StreamEventOf } from './stream-event.js';

type TokenEvent = StreamEventOf<'token'>;

/** An event as far as it is looked at here. */
interface EventLike {
  readonly type?: unknown;
}

/** Whether a value is a token event. What is no event is none. */
export const isTokenEvent = (value: unknown): value is TokenEvent =>
  typeof value === 'object' && value !== null && (value as EventLike).type === 'token';

/** Whether two tokens are pieces of one text. */
export const continues = (one: TokenEvent, other: TokenEvent): boolean =>
  one.step === other.step &&
  one.data.source === other.data.source &&
  one.data.channel === other.data.channel &&
  one.data.attempt === other.data.attempt &&
  one.runId === other.runId;

/** Two pieces of one text as one, with the `seq` and the `timestamp` of the second. */
export const joinedToken = (one: TokenEvent, other: TokenEvent): TokenEvent => ({
  ...other,
  data: { ...other.data, token: one.data.token + other.data.token },
});
