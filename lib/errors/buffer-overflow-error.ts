import { EngineError } from './engine-error.js';

/** A consumer was slower than its source for longer than its buffer lasts. Take faster, raise `buffer`, or choose another `whenFull`. */
export class BufferOverflowError extends EngineError<'BufferOverflowError'> {
  static override readonly tag: string = 'BufferOverflowError';

  /** How many values the buffer holds. */
  readonly buffer: number;

  constructor(buffer: number) {
    super(
      'BufferOverflowError',
      `${buffer} values wait to be taken, and there is room for no more. Take them faster, raise buffer, or choose another whenFull.`,
    );
    this.buffer = buffer;
  }
}
