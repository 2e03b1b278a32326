import type { ObservableInput } from 'rxjs';
import { countedEvents } from '../domain/counted-events.js';
import { decode } from '../domain/decode.js';
import { isLeft } from '../domain/either.js';
import { readInOrder, startOfOrder, type EventOrder } from '../domain/event-order.js';
import type { JsonRecord } from '../domain/json.js';
import { advanceRun, createRunState, type RunState } from '../domain/run-state.js';
import { StreamEvent, type StreamEventOf } from '../domain/stream-event.js';
import type { State } from '../domain/state.js';
import { isCutShort } from '../domain/task.js';
import type { CallRequest, DoubtVerdict } from '../environment/environment.js';
import { ContractError } from '../errors/contract-error.js';
import { approvalOf } from './approval-decision.js';

/** A call that had begun and not ended when a run broke off. */
export interface DoubtfulCall extends CallRequest {
  /** Whether its tool says that it may be run twice. */
  readonly isIdempotent: boolean;
}

/**
 * What becomes of calls in doubt: `fail` tells the actor that nobody knows whether they were done, `retry` runs those again
 * whose tool is idempotent and fails the others, a function is asked about each: what fails there, or is no verdict, fails the
 * call. One that was denied is in no doubt.
 */
export type InDoubt = 'fail' | 'retry' | ((call: DoubtfulCall) => DoubtVerdict | ObservableInput<DoubtVerdict>);

/** How a task goes on from the log of a run that broke off. */
export interface ResumeOptions<Data extends JsonRecord = JsonRecord> {
  /**
   * The events of a run from its first on, as far as there are any: what is finished is not asked for, run or billed again.
   * Its `task_start` says what the task is; the purpose of this one has to be the same. Left out or empty: a new run.
   */
  readonly resumeFrom?: readonly StreamEvent<Data>[] | undefined;
  /** What becomes of tool calls that had begun and not ended. Defaults to `fail`. */
  readonly inDoubt?: InDoubt | undefined;
}

/** Where in its loop a run goes on. */
export type Stage = 'between' | 'deciding' | 'finishing' | 'working' | 'judging' | 'scored' | 'stepped' | 'ended' | 'closing' | 'over';

/** A run that broke off, as its log tells it. */
export interface Resumption<Data extends JsonRecord> {
  readonly events: readonly StreamEvent<Data>[];
  /** The fold of the events; the run that goes on writes it further. */
  readonly run: RunState<Data>;
  readonly start: StreamEventOf<'task_start', Data>['data'];
  /** The state that it began with. */
  readonly initial: State<Data>;
  readonly stage: Stage;
  /** With what the environment failed in the step under way; `null` where it did not. */
  readonly failure: string | null;
  /** What users had interrupted the action under way with. */
  readonly interrupts: readonly string[];
  /** The highest attempt that the port which was asked has told of, and whether that was dropped; 0 where it said nothing. */
  readonly attempt: number;
  readonly isDropped: boolean;
  /** The ids of the calls that are in doubt. */
  readonly doubtful: readonly string[];
  readonly inDoubt: InDoubt;
}

const stages: Readonly<Record<EventOrder['place'], Stage | undefined>> = {
  before: undefined,
  between: 'between',
  opened: 'deciding',
  deciding: 'deciding',
  finishing: 'finishing',
  working: 'working',
  judging: 'judging',
  scored: 'scored',
  stepped: 'stepped',
  ended: 'ended',
  closing: 'closing',
  after: 'over',
};

const refuse = (why: string): never => {
  throw new ContractError(`This run cannot be resumed. ${why}`);
};

/** An event as its codec has it, without what somebody else put into it. */
const readEvent = <Data extends JsonRecord>(event: StreamEvent<Data>, index: number): StreamEvent<Data> => {
  const decoded = decode(StreamEvent, event);
  if (isLeft(decoded)) return refuse(`Event ${index} is none: ${decoded.left.join('; ')}.`);
  // Of what shape the data of its states is, only the type of the log can say.
  return decoded.right as StreamEvent<Data>;
};

/** The log up to the end of the run, for more may be told after that; without the end where it was cut short: there it goes on. */
const upToEnd = <Data extends JsonRecord>(events: readonly StreamEvent<Data>[]): readonly StreamEvent<Data>[] => {
  const at = events.findIndex(({ type }) => type === 'task_end');
  const end = events[at];
  if (end?.type !== 'task_end') return events;
  return events.slice(0, isCutShort(end.data.stopReason) ? at : at + 1);
};

const readOrder = (events: readonly StreamEvent[]): EventOrder => {
  let order = startOfOrder;
  for (const event of events) {
    const read = readInOrder(order, event);
    order = isLeft(read) ? refuse(`Its events are no beginning of a run: ${read.left}.`) : read.right;
  }
  return order;
};

/** What was told of attempts since the port that is under way was asked: its tokens and attempts, and no others, stand there. */
const attemptsOf = (events: readonly StreamEvent[]): Pick<Resumption<JsonRecord>, 'attempt' | 'isDropped'> => {
  let attempt = 0;
  let isDropped = false;
  for (const event of events) {
    if (event.type !== 'token' && event.type !== 'attempt_start' && event.type !== 'attempt_dropped') continue;
    attempt = Math.max(attempt, event.data.attempt);
    isDropped = event.type === 'attempt_dropped';
  }
  return { attempt, isDropped };
};

/** What interrupted the action under way: until it is decided on, an interrupt drops the decision. */
const interruptsOf = (events: readonly StreamEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'input_applied' && event.data.mode === 'interrupt' ? [event.data.message] : []));

/** Why a call was denied; `undefined` where it was not. */
export const denialOf = ({ approvals }: RunState, callId: string): string | undefined => {
  const decided = approvals.get(callId);
  if (decided === undefined || decided === null) return undefined;
  const approval = approvalOf(decided, { params: {} });
  return approval.isApproved ? undefined : approval.reason;
};

/** The calls that may have been at work when the run broke off. */
const doubtfulOf = (run: RunState): readonly string[] =>
  [...run.calls.values()].flatMap(({ callId, result }) => (result === undefined && denialOf(run, callId) === undefined ? [callId] : []));

/** What the environment made of the action has to be known, or to be found out without doing it again. */
const checkExecuted = (run: RunState, stage: Stage, failure: string | null): void => {
  if ((stage !== 'judging' && stage !== 'scored') || run.executed !== null || failure !== null) return;
  const calls = [...run.calls.values()];
  if (calls.length === 0 || calls.some(({ result }) => result === undefined))
    refuse(`Its log does not hold what the environment made of the action of step ${run.step}: keep it in a journal, which tells it.`);
};

/**
 * Reads a log at the door.
 *
 * @returns `undefined` where there is nothing to go on from.
 * @throws ContractError where it is no beginning of a run, or does not hold what is needed.
 */
export function resumptionOf<Data extends JsonRecord>({
  resumeFrom = [],
  inDoubt = 'fail',
}: ResumeOptions<Data>): Resumption<Data> | undefined {
  if (typeof inDoubt !== 'function' && inDoubt !== 'fail' && inDoubt !== 'retry')
    refuse(`inDoubt is ${JSON.stringify(inDoubt)}, but must be 'fail', 'retry' or a function of the call.`);
  if (!Array.isArray(resumeFrom)) refuse('resumeFrom has to be a list of events.');
  const events = upToEnd(countedEvents(resumeFrom.map(readEvent)));
  const reached = stages[readOrder(events).place];
  const [first] = events;
  // A run that had no state yet begins anew.
  if (reached === undefined || first?.type !== 'task_start' || first.data.initialState === null) return undefined;
  const run = createRunState<Data>(first.runId);
  for (const event of events) advanceRun(run, event);
  const step = events.slice(events.findLastIndex(({ type }) => type === 'step_start') + 1);
  const failed = step.find((event) => event.type === 'error');
  const failure = failed?.type === 'error' ? failed.data.error : null;
  const sinceAction = step.slice(step.findLastIndex(({ type }) => type === 'action') + 1);
  const attempts = attemptsOf(sinceAction);
  // Who judges may have told of an attempt before they said anything: no environment tells of attempts.
  const stage = reached === 'working' && attempts.attempt > 0 ? 'judging' : reached;
  checkExecuted(run, stage, failure);
  return {
    ...{ events, run, stage, failure, inDoubt, start: first.data, initial: first.data.initialState },
    ...attempts,
    interrupts: stage === 'working' ? interruptsOf(sinceAction) : [],
    doubtful: stage === 'working' ? doubtfulOf(run) : [],
  };
}
