import * as t from 'io-ts';
import type { Either } from 'fp-ts/lib/Either.js';
import { Action } from './action.js';
import { decode } from './decode.js';
import { Finite } from './finite.js';
import { Json, JsonRecord } from './json.js';
import { keyOf } from './key-of.js';
import { objectCodec } from './object-codec.js';
import { PurposeScore } from './purpose-score.js';
import { State } from './state.js';
import { StopReason } from './task.js';

const Empty = objectCodec('Empty', {});
const ErrorText = objectCodec('ErrorText', { error: t.string });
const ErrorDescription = objectCodec('ErrorDescription', { _tag: t.string, message: t.string, isRetryable: t.boolean });
const called = { callId: t.string, name: t.string };
const Attempt = objectCodec('AttemptData', { source: t.string, attempt: Finite }, { reason: t.string });
const Outcome = { ok: t.boolean };
const outcome = { output: Json, error: t.string };
const Settlement = keyOf('Settlement', ['timeout', 'cancelled', 'unsettled']);
const input = { mode: keyOf('InputMode', ['queue', 'steer', 'interrupt']), message: t.string };
const Input = objectCodec('InputData', { id: t.string, ...input });

/** The data of each event type as codecs. The order of the table is that of a run; what has no place of its own comes last. */
const eventData = {
  task_start: objectCodec('TaskStartData', {
    purpose: t.string,
    maxSteps: Finite,
    earlyStopPhi: t.union([Finite, t.null]),
    initialState: t.union([State, t.null]),
  }),
  step_start: objectCodec('StepStartData', { step: Finite }),
  token: objectCodec('TokenData', { token: t.string, source: t.string, channel: t.string, attempt: Finite }),
  usage: objectCodec('UsageData', { source: t.string, inputTokens: Finite, outputTokens: Finite }),
  action: Action,
  tool_start: objectCodec('ToolStartData', { ...called, params: Json }),
  tool_progress: objectCodec('ToolProgressData', { ...called, value: Json }),
  tool_end: objectCodec('ToolEndData', { ...called, ...Outcome }, { ...outcome, settlement: Settlement }),
  done: Empty,
  error: ErrorText,
  score: PurposeScore,
  step_end: objectCodec('StepEndData', { stateSummary: t.string, state: State }),
  early_stop: objectCodec('EarlyStopData', { phi: Finite }),
  terminal: Empty,
  experience_error: ErrorText,
  task_end: objectCodec(
    'TaskEndData',
    { totalSteps: Finite, cumulativeReward: Finite, successRate: Finite, finalPhi: Finite, stopReason: StopReason },
    { reason: t.string, error: ErrorDescription },
  ),
  attempt_dropped: Attempt,
  attempt_start: Attempt,
  request_end: objectCodec('RequestEndData', {
    source: t.string,
    request: Finite,
    inputTokens: Finite,
    outputTokens: Finite,
    basis: keyOf('Basis', ['reported', 'estimated']),
    outcome: keyOf('RequestOutcome', ['finished', 'failed', 'cancelled']),
  }),
  tool_late_result: objectCodec('ToolLateResultData', { ...called, ...Outcome }, outcome),
  approval_request: objectCodec('ApprovalRequestData', { ...called, params: Json }, { expiresAt: Finite }),
  approval_decision: objectCodec(
    'ApprovalDecisionData',
    { callId: t.string, decision: keyOf('ApprovalDecision', ['approve', 'deny', 'edit']) },
    { reason: t.string, params: Json },
  ),
  input_received: Input,
  input_applied: Input,
  // Of what was no input there is neither mode nor message.
  input_dropped: objectCodec('InputDroppedData', { id: t.string, reason: t.string }, input),
  nudge: objectCodec('NudgeData', { policy: t.string, message: t.string }),
  budget_exceeded: objectCodec('BudgetExceededData', { limit: t.string, allowed: Finite, spent: Finite }),
  budget_decision: objectCodec(
    'BudgetDecisionData',
    { decision: keyOf('BudgetDecision', ['continue', 'stop']) },
    { reason: t.string, more: JsonRecord },
  ),
  executed: objectCodec('ExecutedData', { state: State }),
  run_resumed: objectCodec('RunResumedData', { after: Finite, inDoubt: t.readonlyArray(t.string) }),
};

type PlainData = { readonly [Type in PlainEventType]: t.TypeOf<(typeof eventData)[Type]> };

/** The types of the events that a run is made of. */
export type StreamEventType = keyof typeof eventData;

/** The types of the events whose data says nothing of the shape of the states. */
type PlainEventType = Exclude<StreamEventType, 'task_start' | 'step_end' | 'executed'>;

/** The data of `task_start`. */
export interface TaskStartData<Data extends JsonRecord = JsonRecord> {
  readonly purpose: string;
  readonly maxSteps: number;
  readonly earlyStopPhi: number | null;
  /** `null` where `reset` failed or had not answered when the run ended. */
  readonly initialState: State<Data> | null;
}

/** The data of `step_end`. */
export interface StepEndData<Data extends JsonRecord = JsonRecord> {
  /** At most 200 UTF-16 code units. */
  readonly stateSummary: string;
  readonly state: State<Data>;
}

/** The data of `executed`: what the environment made of the action, where a run is kept in a journal. */
export interface ExecutedData<Data extends JsonRecord = JsonRecord> {
  readonly state: State<Data>;
}

/** The data of one event type. */
export type StreamEventData<Type extends StreamEventType, Data extends JsonRecord = JsonRecord> = Type extends 'task_start'
  ? TaskStartData<Data>
  : Type extends 'step_end'
    ? StepEndData<Data>
    : Type extends 'executed'
      ? ExecutedData<Data>
      : Type extends PlainEventType
        ? PlainData[Type]
        : never;

/** What an event is before its run numbers it: type, step and data. */
export interface EventBody<Type extends string, Data> {
  readonly type: Type;
  /** The step it falls in, from 1; 0 outside a step. */
  readonly step: number;
  /** JSON with finite numbers. */
  readonly data: Data;
}

/** An event as its run hands it out. */
export interface EventEnvelope<Type extends string, Data> extends EventBody<Type, Data> {
  readonly runId: string;
  /** 0, 1, 2 … without gap within a run. */
  readonly seq: number;
  /** Milliseconds since the epoch, from the scheduler of the orchestrator. */
  readonly timestamp: number;
}

/** An event whose data says nothing of the shape of the states, not numbered yet. */
export type PlainEventDraft = { readonly [Type in PlainEventType]: EventBody<Type, PlainData[Type]> }[PlainEventType];

/** An event that has not been numbered yet. */
export type EventDraft<Data extends JsonRecord = JsonRecord> =
  | PlainEventDraft
  | EventBody<'task_start', TaskStartData<Data>>
  | EventBody<'executed', ExecutedData<Data>>
  | EventBody<'step_end', StepEndData<Data>>;

/**
 * Something that happened in a run, as a union on `type`. Each event survives `JSON.stringify` and {@link StreamEvent},
 * its codec.
 *
 * An environment may report types of its own; they pass through a run as they are, with JSON data, and no member of
 * this union describes them, so let a `switch` over `type` have a `default`.
 *
 * @typeParam Data - The shape of the data of the states.
 */
export type StreamEvent<Data extends JsonRecord = JsonRecord> =
  | { readonly [Type in PlainEventType]: EventEnvelope<Type, PlainData[Type]> }[PlainEventType]
  | EventEnvelope<'task_start', TaskStartData<Data>>
  | EventEnvelope<'executed', ExecutedData<Data>>
  | EventEnvelope<'step_end', StepEndData<Data>>;

/** The events of the given types: `StreamEventOf<'token'>`. */
export type StreamEventOf<Type extends StreamEventType, Data extends JsonRecord = JsonRecord> = Extract<
  StreamEvent<Data>,
  { readonly type: Type }
>;

const envelope = <D extends t.Mixed>(type: t.Type<string>, data: D) =>
  objectCodec('StreamEvent', { type, runId: t.string, seq: Finite, step: Finite, timestamp: Finite, data });

const known = new Map<unknown, t.Mixed>(Object.entries(eventData).map(([type, data]) => [type, envelope(t.string, data)]));
const reported: t.Mixed = envelope(t.string, Json);

/** Whether a type is one of the engine's own, and so not free for an environment to report. */
export const isStreamEventType = (type: unknown): type is StreamEventType => known.has(type);

const codecFor = (value: unknown): t.Mixed =>
  (typeof value === 'object' && value !== null && 'type' in value ? known.get(value.type) : undefined) ?? reported;

/** Codec of {@link StreamEvent}: the table of the engine's types, and any other type with JSON data. */
export const StreamEvent: t.Type<StreamEvent> = new t.Type<StreamEvent>(
  'StreamEvent',
  (value): value is StreamEvent => codecFor(value).is(value),
  (value, context) => {
    const codec = codecFor(value);
    // The context names the codec that does the work, so that a report can tell its members from properties.
    return codec.validate(value, [...context.slice(0, -1), { key: context.at(-1)?.key ?? '', type: codec, actual: value }]);
  },
  t.identity,
);

/** Decodes the data of an event type: by the table for the engine's types, as any JSON for the others. */
export const decodeEventData = (type: string, data: unknown): Either<readonly string[], unknown> =>
  decode(isStreamEventType(type) ? eventData[type] : Json, data);

/** Makes a draft of an event. */
export const draft = <Type extends StreamEventType, Data extends JsonRecord = JsonRecord>(
  type: Type,
  step: number,
  data: StreamEventData<Type, Data>,
): EventBody<Type, StreamEventData<Type, Data>> => ({ type, step, data });
