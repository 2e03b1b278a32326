import * as t from 'io-ts';
import { keyOf } from './key-of.js';
import { objectCodec } from './object-codec.js';

/**
 * Something that a user says to an agent in the middle of its task. `mode` says when it takes effect:
 *
 * - `steer`: before the next decision; what is under way goes on.
 * - `queue`: when the agent would be DONE, which it then is not yet.
 * - `interrupt`: now; the decision or the action under way is dropped.
 */
export type UserInput = t.TypeOf<typeof UserInput>;
/**
 * Codec of {@link UserInput}.
 *
 * @internal
 */
export const UserInput = objectCodec('UserInput', { mode: keyOf('InputMode', ['queue', 'steer', 'interrupt']), message: t.string });
