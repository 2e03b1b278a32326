import { EngineError } from './engine-error.js';

/** A run was asked for events that it no longer holds. Raise `retainEvents`, or subscribe earlier. */
export class EventsNotHeldError extends EngineError<'EventsNotHeldError'> {
  static override readonly tag: string = 'EventsNotHeldError';

  /** The sequence number that was asked for. */
  readonly seq: number;
  /** The oldest sequence number that is still held. */
  readonly oldest: number;

  constructor(seq: number, oldest: number) {
    super(
      'EventsNotHeldError',
      `Event ${seq} is no longer held; the oldest one held is ${oldest}. Raise retainEvents, or subscribe earlier.`,
    );
    this.seq = seq;
    this.oldest = oldest;
  }
}
