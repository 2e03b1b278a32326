import { EngineError } from './engine-error.js';

/** The events of a run came in an order that its grammar does not allow. */
export class EventOrderError extends EngineError<'EventOrderError'> {
  static override readonly tag: string = 'EventOrderError';

  constructor(message: string) {
    super('EventOrderError', message);
  }
}
