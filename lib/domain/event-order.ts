import type { Either } from 'fp-ts/lib/Either.js';
import { isDone } from './action.js';
import { left, right } from './either.js';
import { isCutShort } from './task.js';
import { isStreamEventType, type StreamEvent, type StreamEventOf, type StreamEventType } from './stream-event.js';

/** Where in its grammar a run is. */
type Place =
  | 'before' // nothing yet
  | 'between' // before the first step
  | 'opened' // just after step_start
  | 'deciding' // until the action
  | 'finishing' // the action was DONE
  | 'working' // while the environment executes
  | 'judging' // until the score
  | 'scored' // until step_end
  | 'stepped' // after step_end
  | 'ended' // the step ended the run
  | 'closing' // only task_end is left
  | 'after'; // nothing may come

type Moves = Readonly<Partial<Record<StreamEventType, Place>>>;

const betweenSteps: Moves = { step_start: 'opened', experience_error: 'closing', task_end: 'after' };
const deciding: Moves = { token: 'deciding', usage: 'deciding', action: 'working' };
const judging: Moves = { token: 'judging', usage: 'judging', score: 'scored' };

/**
 * ```text
 * run   := task_start step* experience_error? task_end
 * step  := step_start experience_error? token* action done
 *        | step_start experience_error? token* action work* error? token* score step_end (early_stop | terminal)?
 * work  := tool_start | tool_progress | tool_end
 * ```
 *
 * `usage` stands where a `token` may, types that are not named anywhere between `task_start` and `task_end` or where
 * `guests` says, and a run that failed, was cancelled, or ran out of time or budget may be cut short anywhere.
 */
const grammar: Readonly<Record<Place, Moves>> = {
  before: { task_start: 'between' },
  between: betweenSteps,
  opened: { ...deciding, experience_error: 'deciding' },
  deciding,
  finishing: { done: 'ended' },
  working: { ...judging, tool_start: 'working', tool_progress: 'working', tool_end: 'working', error: 'judging' },
  judging,
  scored: { step_end: 'stepped' },
  stepped: { ...betweenSteps, early_stop: 'ended', terminal: 'ended' },
  ended: { experience_error: 'closing', task_end: 'after' },
  closing: { task_end: 'after' },
  after: {},
};

/** Where events may stand that no rule of the grammar names: they change nothing. What is not listed may stand anywhere. */
const guests: Readonly<Partial<Record<StreamEventType, readonly Place[] | 'anywhere'>>> = {
  attempt_dropped: ['opened', 'deciding', 'working', 'judging'],
  attempt_start: ['opened', 'deciding', 'working', 'judging'],
  approval_request: ['working'],
  approval_decision: ['working'],
  executed: ['working'],
  nudge: ['between', 'stepped', 'opened', 'deciding'],
  request_end: 'anywhere',
  tool_late_result: 'anywhere',
  input_received: 'anywhere',
  input_applied: 'anywhere',
  input_dropped: 'anywhere',
  budget_exceeded: 'anywhere',
  budget_decision: 'anywhere',
  run_resumed: 'anywhere',
};

/** What may stand anywhere may also stand outside a step. */
const isFree = (type: string): boolean => !isStreamEventType(type) || guests[type] === 'anywhere' || type === 'nudge';

/** How far the events of a run have been read, and whether that was in order. */
export interface EventOrder {
  readonly place: Place;
  readonly runId: string | null;
  /** Of the last event; −1 before the first. */
  readonly seq: number;
  /** The step under way, from 1; 0 before the first. */
  readonly step: number;
  /** The event by which a step ended the run; `null` where none did. */
  readonly ending: StreamEventType | null;
}

/** Nothing read yet. */
export const startOfOrder: EventOrder = { place: 'before', runId: null, seq: -1, step: 0, ending: null };

/** Whether a run may end here: it never began, or it had its `task_end`. */
export const mayEnd = ({ place }: EventOrder): boolean => place === 'before' || place === 'after';

const numberingFault = (order: EventOrder, { type, seq, runId }: StreamEvent): string | undefined => {
  if (order.runId !== null && runId !== order.runId) return `${type} is of run ${runId}, among the events of ${order.runId}`;
  return seq === order.seq + 1 ? undefined : `${type} has seq ${seq}, but ${order.seq + 1} is due`;
};

/** The step that an event must carry. What is told between the steps stands outside of them. */
const stepDue = (order: EventOrder, { type }: StreamEvent): number => {
  if (type === 'task_start' || type === 'task_end') return 0;
  if (type === 'experience_error') return order.place === 'opened' ? order.step : 0;
  return type === 'step_start' ? order.step + 1 : order.step;
};

const stepFault = (order: EventOrder, event: StreamEvent): string | undefined => {
  if (isFree(event.type) && event.step === 0) return undefined;
  const due = stepDue(order, event);
  if (event.type === 'step_start' && event.data.step !== event.step)
    return `step_start carries step ${event.step} and tells of step ${event.data.step}`;
  return event.step === due ? undefined : `${event.type} carries step ${event.step}, but ${due} is due`;
};

const endings: ReadonlySet<string> = new Set(['done', 'early_stop', 'terminal']);

const endFault = (order: EventOrder, { data: { stopReason } }: StreamEventOf<'task_end'>): string | undefined => {
  if (isCutShort(stopReason)) return undefined;
  const agrees = order.ending === null ? !endings.has(stopReason) : stopReason === order.ending;
  return agrees ? undefined : `task_end says ${stopReason}, but the last step ended with ${order.ending ?? 'step_end'}`;
};

/** Where an event leads; `undefined` where it may not stand. */
const placeAfter = ({ place }: EventOrder, event: StreamEvent): Place | undefined => {
  const isUnderWay = place !== 'before' && place !== 'after';
  const guest = isStreamEventType(event.type) ? guests[event.type] : 'anywhere';
  if (guest !== undefined) return isUnderWay && (guest === 'anywhere' || guest.includes(place)) ? place : undefined;
  if (event.type === 'action' && isDone(event.data) && grammar[place].action !== undefined) return 'finishing';
  if (event.type === 'task_end' && isUnderWay && isCutShort(event.data.stopReason)) return 'after';
  return grammar[place][event.type];
};

/** Reads one more event of a run. `Left` says what is out of order. Pure. */
export function readInOrder(order: EventOrder, event: StreamEvent): Either<string, EventOrder> {
  const place = placeAfter(order, event);
  if (place === undefined) {
    const allowed = Object.keys(grammar[order.place]).join(', ') || 'nothing';
    return left(`${event.type} (seq ${event.seq}) may not stand here: ${allowed} may`);
  }
  const fault = numberingFault(order, event) ?? stepFault(order, event) ?? (event.type === 'task_end' ? endFault(order, event) : undefined);
  if (fault !== undefined) return left(fault);
  return right({
    place,
    runId: event.runId,
    seq: event.seq,
    step: event.type === 'step_start' ? event.step : order.step,
    // What stands beside the grammar ends nothing.
    ending: place === 'ended' && order.place !== 'ended' ? event.type : order.ending,
  });
}
