import { ContractError } from '../errors/contract-error.js';

/** What is done with values that wait to be taken, of any kind. */
export interface BufferConfig {
  /** How many values may wait, a whole number from 1. Defaults to 1024. */
  readonly buffer?: number;
  /** What becomes of one more: it ends with a `BufferOverflowError`, after those that wait. */
  readonly whenFull: 'error';
}

/** What is done with events that wait to be taken. */
export interface EventBufferConfig {
  /** How many events may wait, a whole number from 1. Defaults to 1024. */
  readonly buffer?: number;
  /**
   * What becomes of one more. `coalesce` joins neighbouring tokens of one text and loses nothing; what cannot be joined
   * waits beyond `buffer`: at most one token of each text between two other events. `drop-oldest` drops the oldest token
   * that waits and never another event; others wait beyond `buffer` where no token is left to drop. `error` ends with a
   * `BufferOverflowError`, after the events that wait. Defaults to `coalesce`.
   */
  readonly whenFull?: 'coalesce' | 'drop-oldest' | 'error';
  /** Told with `drop-oldest` each time that a token is dropped: how many there were so far. */
  readonly onDrop?: (dropped: number) => void;
}

/** Every setting. */
export type BufferSettings = Required<Pick<EventBufferConfig, 'buffer' | 'whenFull'>> & Pick<EventBufferConfig, 'onDrop'>;

const DEFAULT_BUFFER = 1024;

const POLICIES: ReadonlySet<unknown> = new Set(['coalesce', 'drop-oldest', 'error']);

/**
 * The settings of a configuration.
 *
 * @internal
 * @throws `ContractError` where one makes no sense.
 */
export function bufferSettings({ buffer = DEFAULT_BUFFER, whenFull = 'coalesce', onDrop }: EventBufferConfig = {}): BufferSettings {
  if (!Number.isSafeInteger(buffer) || buffer < 1)
    throw new ContractError(`buffer has to be a whole number from 1, not ${String(buffer)}.`);
  if (!POLICIES.has(whenFull)) throw new ContractError(`whenFull has to be coalesce, drop-oldest or error, not ${whenFull}.`);
  return { buffer, whenFull, ...(onDrop === undefined ? {} : { onDrop }) };
}
