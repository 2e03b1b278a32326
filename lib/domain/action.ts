import * as t from 'io-ts';
import { JsonRecord } from './json.js';
import { objectCodec } from './object-codec.js';

/** What the actor chose to do: a name, its parameters, why (`thought`), and the change it expects, in words. */
export interface Action extends t.TypeOf<typeof Action> {}
/** Codec of {@link Action}. */
export const Action = objectCodec('Action', { name: t.string, params: JsonRecord, thought: t.string, expectedDelta: t.string });

/** The name that ends a task, compared without regard to case. */
export const DONE = 'DONE';

/** The name of the action that runs several tools side by side: `params.calls` is `[{ name, params }]`. */
export const PARALLEL = 'parallel';

/** Whether an action ends the task. */
export const isDone = (action: Action): boolean => action.name.toUpperCase() === DONE;
