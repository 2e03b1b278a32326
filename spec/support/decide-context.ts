import type { DecideContext } from '../../lib/actor/actor.js';

/** What an actor decides on at the first step, unless told otherwise. */
export const decideContext = (more: Partial<DecideContext> = {}): DecideContext => ({
  purpose: 'find the key',
  state: { data: { seen: [] } },
  history: [],
  turns: [],
  step: 1,
  recalled: [],
  ...more,
});
