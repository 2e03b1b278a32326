import { EngineError, type EngineErrorOptions } from './engine-error.js';

/** Something went wrong between a backend and its model. The finer kinds below say what the user can do about it. */
export class BackendError<Tag extends string = string> extends EngineError<Tag> {
  static override readonly tag: string = 'BackendError';

  constructor(message: string, options?: EngineErrorOptions, tag: Tag = 'BackendError' as Tag) {
    super(tag, message, options);
  }
}
