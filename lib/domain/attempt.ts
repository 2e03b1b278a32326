import { redact } from '../errors/redact.js';
import type { AttemptDroppedSignal, AttemptStartSignal } from './signal.js';
import { shorten } from './text.js';

/** That an attempt is void, or that another begins. */
export type AttemptSignal = AttemptDroppedSignal | AttemptStartSignal;

/** Longest reason of a dropped attempt, in UTF-16 code units: it may quote the answer, and with it a key. */
const LONGEST_REASON = 500;

/**
 * The two signals by which one attempt gives way to the next.
 *
 * @internal
 */
export const nextAttempt = (dropped: number, reason: string): readonly [AttemptDroppedSignal, AttemptStartSignal] => [
  { type: 'attempt_dropped', attempt: dropped, reason: shorten(redact(reason), LONGEST_REASON) },
  { type: 'attempt_start', attempt: dropped + 1 },
];

/** Why an answer begins anew where its backend does not say. */
export const BEGUN_ANEW = 'the answer began anew';
