import type { AttemptDroppedSignal, AttemptStartSignal } from '../../lib/domain/signal.js';

/** What a port says when one attempt gives way to the next. */
export const attemptAfter = (attempt: number, reason: string): [AttemptDroppedSignal, AttemptStartSignal] => [
  { type: 'attempt_dropped', attempt, reason },
  { type: 'attempt_start', attempt: attempt + 1 },
];
