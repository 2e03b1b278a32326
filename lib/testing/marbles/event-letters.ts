import type { StreamEvent, StreamEventType } from '../../domain/stream-event.js';

/**
 * The letter of each type of event in a diagram of a run.
 *
 * ```text
 * (Ss)  t  t  (ab)  p  r  t  (ve)  (sadE|)
 * ```
 *
 * Types that an environment reports of its own are `o`.
 */
export const eventLetters = {
  task_start: 'S',
  step_start: 's',
  token: 't',
  usage: 'u',
  action: 'a',
  tool_start: 'b',
  tool_progress: 'p',
  tool_end: 'r',
  done: 'd',
  error: 'x',
  score: 'v',
  step_end: 'e',
  early_stop: 'y',
  terminal: 'T',
  experience_error: 'X',
  task_end: 'E',
  attempt_dropped: 'D',
  attempt_start: 'A',
  request_end: 'q',
  tool_late_result: 'l',
  approval_request: 'g',
  approval_decision: 'G',
  input_received: 'i',
  input_applied: 'I',
  input_dropped: 'j',
  nudge: 'n',
  budget_exceeded: 'B',
  budget_decision: 'k',
  executed: 'W',
  run_resumed: 'R',
} as const satisfies Readonly<Record<StreamEventType, string>>;

/** The letter of what an environment reports of its own. */
export const OTHER_EVENT = 'o';

const letters: ReadonlyMap<string, string> = new Map(Object.entries(eventLetters));
const types: ReadonlyMap<string, string> = new Map(Object.entries(eventLetters).map(([type, letter]) => [letter, type]));

/**
 * The letter of an event by its type.
 *
 * @internal
 */
export const letterOf = ({ type }: Pick<StreamEvent, 'type'>): string => letters.get(type) ?? OTHER_EVENT;

/**
 * The type that a letter stands for; `undefined` where it is none of the alphabet.
 *
 * @internal
 */
export const typeOf = (letter: string): string | undefined => types.get(letter);
